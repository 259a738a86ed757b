/*
 * statistics.c
 *		Quantiles and the intervals built on them.
 *
 * Quantiles are two-sided: the x with P(|X| <= x) = confidence.  They are found by
 * bisection on the tail probability, slow (microseconds) but without a rational
 * approximation whose error would have to be trusted.
 */
#include "base/port.h"

#include <float.h>
#include <math.h>

#include "base/statistics.h"

/* Beyond this many degrees of freedom Student's t comes from an expansion in 1/df. */
#define MANY_DEGREES_OF_FREEDOM 10000.0

/* P(|X| > x) for a normal X */
static double
normal_tail(double x, double unused)
{
	(void) unused;
	return erfc(x / sqrt(2.0));
}

/*
 * The continued fraction of the incomplete beta function, by Lentz's method: each step
 * takes in two terms until a factor no longer differs from 1.
 */
static double
beta_continued_fraction(double a, double b, double x)
{
	const double tiny = 1e-300;
	double c = 1.0;
	double d = 1.0 - (a + b) * x / (a + 1.0);
	double fraction;

	d = 1.0 / (fabs(d) < tiny ? tiny : d);
	fraction = d;
	for (int m = 1; m < 10000; m++)
	{
		for (int odd = 0; odd <= 1; odd++)
		{
			double term = odd ? -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
							  : m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));

			d = 1.0 + term * d;
			d = 1.0 / (fabs(d) < tiny ? tiny : d);
			c = 1.0 + term / c;
			c = fabs(c) < tiny ? tiny : c;
			fraction *= c * d;
		}
		if (fabs(c * d - 1.0) < DBL_EPSILON)
			break;
	}
	return fraction;
}

/* The regularized incomplete beta function, given x and y = 1 - x exactly. */
static double
incomplete_beta(double a, double b, double x, double y)
{
	double front;

	if (x <= 0.0)
		return 0.0;
	if (y <= 0.0)
		return 1.0;
	front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y));
	/* the fraction converges fast on this side of the mean only */
	if (x < (a + 1.0) / (a + b + 2.0))
		return front * beta_continued_fraction(a, b, x) / a;
	return 1.0 - front * beta_continued_fraction(b, a, y) / b;
}

/* P(|T| > t) for Student's t */
static double
student_tail(double t, double degrees_of_freedom)
{
	double square = t * t;

	return incomplete_beta(degrees_of_freedom / 2.0, 0.5,
						   degrees_of_freedom / (degrees_of_freedom + square),
						   square / (degrees_of_freedom + square));
}

/* The x whose tail, a falling function, has this probability. */
static double
invert_tail(double (*tail)(double x, double parameter), double parameter, double probability)
{
	double low = 0.0;
	double high = 1.0;

	while (tail(high, parameter) > probability && high < 1e300)
	{
		low = high;
		high *= 2.0;
	}
	while (high - low > 2 * DBL_EPSILON * high)
	{
		double middle = low + (high - low) / 2.0;

		if (middle <= low || middle >= high)
			break;
		if (tail(middle, parameter) > probability)
			low = middle;
		else
			high = middle;
	}
	return high;
}

double
csm_normal_quantile(double confidence)
{
	return invert_tail(normal_tail, 0.0, 1.0 - confidence);
}

/* Fisher's expansion of Student's quantile around the normal one, to the fourth order. */
static double
student_by_expansion(double z, double n)
{
	double z2 = z * z;
	double g1 = z * (z2 + 1) / 4;
	double g2 = z * ((5 * z2 + 16) * z2 + 3) / 96;
	double g3 = z * (((3 * z2 + 19) * z2 + 17) * z2 - 15) / 384;
	double g4 = z * ((((79 * z2 + 776) * z2 + 1482) * z2 - 1920) * z2 - 945) / 92160;

	return z + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n;
}

double
csm_student_quantile(double confidence, double degrees_of_freedom)
{
	if (degrees_of_freedom > MANY_DEGREES_OF_FREEDOM)
		return student_by_expansion(csm_normal_quantile(confidence), degrees_of_freedom);
	return invert_tail(student_tail, degrees_of_freedom, 1.0 - confidence);
}

/* P(X > x) for chi-square: by the series below the mean, else by a continued fraction. */
double
csm_chi_square_tail(double x, double degrees_of_freedom)
{
	const double tiny = 1e-300;
	double a = degrees_of_freedom / 2.0;
	double y = x / 2.0;
	double front;
	double term;

	if (y <= 0.0)
		return 1.0;
	front = exp(a * log(y) - y - lgamma(a));
	if (y < a + 1.0)
	{
		double sum = term = 1.0 / a;

		for (int n = 1; n < 100000 && term > sum * DBL_EPSILON / 4; n++)
			sum += term *= y / (a + n);
		return Max(0.0, 1.0 - front * sum);
	}
	else
	{
		/* Lentz's method */
		double b = y + 1.0 - a;
		double c = 1.0 / tiny;
		double d = 1.0 / b;
		double fraction = d;

		for (int n = 1; n < 100000; n++)
		{
			double numerator = -n * (n - a);

			b += 2.0;
			d = numerator * d + b;
			d = 1.0 / (fabs(d) < tiny ? tiny : d);
			c = b + numerator / c;
			c = fabs(c) < tiny ? tiny : c;
			term = c * d;
			fraction *= term;
			if (fabs(term - 1.0) < DBL_EPSILON)
				break;
		}
		return front * fraction;
	}
}

/* Wilson's score interval of a share observed on n cases, which need not be whole. */
csm_interval
csm_wilson_with_quantile(double share, double n, double quantile)
{
	double z2 = quantile * quantile / n;
	double center = (share + z2 / 2) / (1 + z2);
	double half = sqrt(z2 * (share * (1 - share) + z2 / 4)) / (1 + z2);
	csm_interval interval;

	interval.low = Max(0.0, center - half);
	interval.high = Min(1.0, center + half);
	return interval;
}

csm_interval
csm_wilson_interval(double share, double n, double confidence)
{
	return csm_wilson_with_quantile(share, n, csm_normal_quantile(confidence));
}
