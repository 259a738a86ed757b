// The JDBC driver reads the views and calls functions with bound values.
//
//   java -cp ...:postgresql.jar Jdbc text|binary DIRECTORY VIEW...
//
// Writes DIRECTORY/VIEW.rows, as COPY does, and DIRECTORY/VIEW.types; prints facts, "name<tab>value".
// The server is that of the environment; its socket is reached as JDK 16 and later can.
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Array;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import javax.net.SocketFactory;
import org.postgresql.PGResultSetMetaData;
import org.postgresql.util.PGobject;

public class Jdbc
{
	static final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
	static Connection connection;
	static boolean binary;

	// A socket of the file system in the clothes of one of the network, as the driver wants it.
	public static class UnixSocket extends Socket
	{
		private final SocketChannel channel;

		UnixSocket(String path) throws IOException { channel = SocketChannel.open(UnixDomainSocketAddress.of(path)); }

		@Override public void connect(SocketAddress address, int timeout) {}
		@Override public InputStream getInputStream() { return Channels.newInputStream(channel); }
		@Override public OutputStream getOutputStream() { return Channels.newOutputStream(channel); }
		@Override public boolean isConnected() { return true; }
		@Override public boolean isClosed() { return !channel.isOpen(); }
		@Override public void setSoTimeout(int timeout) {}
		@Override public int getSoTimeout() { return 0; }
		@Override public void setTcpNoDelay(boolean on) {}
		@Override public void setKeepAlive(boolean on) {}
		@Override public synchronized void close() throws IOException { channel.close(); }
	}

	public static class UnixSockets extends SocketFactory
	{
		private final String path;

		public UnixSockets(String path) { this.path = path; }

		@Override public Socket createSocket() throws IOException { return new UnixSocket(path); }
		@Override public Socket createSocket(String host, int port) throws IOException { return createSocket(); }
		@Override public Socket createSocket(String host, int port, InetAddress from, int fromPort) throws IOException { return createSocket(); }
		@Override public Socket createSocket(InetAddress host, int port) throws IOException { return createSocket(); }
		@Override public Socket createSocket(InetAddress host, int port, InetAddress from, int fromPort) throws IOException { return createSocket(); }
	}

	// text: no binary transfer; binary: from the first execution on, wherever the driver can.
	static Connection connect() throws SQLException
	{
		Properties properties = new Properties();
		properties.setProperty("user", System.getenv("PGUSER"));
		properties.setProperty("socketFactory", UnixSockets.class.getName());
		properties.setProperty("socketFactoryArg", System.getenv("PGHOST") + "/.s.PGSQL." + System.getenv("PGPORT"));
		properties.setProperty("sslmode", "disable");
		properties.setProperty("gssEncMode", "disable");
		properties.setProperty("binaryTransfer", Boolean.toString(binary));
		properties.setProperty("prepareThreshold", binary ? "-1" : "5");
		if (System.getenv("PGOPTIONS") != null)
			properties.setProperty("options", System.getenv("PGOPTIONS"));
		return DriverManager.getConnection("jdbc:postgresql://localhost/" + System.getenv("PGDATABASE"), properties);
	}

	static void fact(String name, Object value)
	{
		out.println(name + "\t" + (value instanceof BigDecimal number ? number.toPlainString() : String.valueOf(value)));
	}

	static String copied(Object value)
	{
		if (value == null)
			return "\\N";
		if (value instanceof BigDecimal number)
			return number.toPlainString();
		if (value instanceof Boolean flag)
			return flag ? "t" : "f";
		return value.toString().replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
	}

	static Object field(ResultSet result, int column, String type) throws SQLException
	{
		return type.equals("date") ? result.getObject(column, LocalDate.class) : result.getObject(column);
	}

	static PrintWriter file(String directory, String name) throws IOException
	{
		return new PrintWriter(Path.of(directory, name).toFile(), StandardCharsets.UTF_8);
	}

	static void read(String directory, String view) throws SQLException, IOException
	{
		try (PreparedStatement statement = connection.prepareStatement("SELECT * FROM bi." + view);
			ResultSet result = statement.executeQuery();
			PrintWriter rows = file(directory, view + ".rows");
			PrintWriter types = file(directory, view + ".types"))
		{
			ResultSetMetaData meta = result.getMetaData();
			int columns = meta.getColumnCount();
			for (int i = 1; i <= columns; i++)
				types.println(meta.getColumnName(i) + "\t" + meta.getColumnTypeName(i) + " " + meta.getColumnClassName(i));
			while (result.next())
			{
				List<String> row = new ArrayList<>();
				for (int i = 1; i <= columns; i++)
					row.add(copied(field(result, i, meta.getColumnTypeName(i))));
				rows.println(String.join("\t", row));
			}
		}
	}

	static PreparedStatement bind(String text, Object... values) throws SQLException
	{
		PreparedStatement statement = connection.prepareStatement(text);
		for (int i = 0; i < values.length; i++)
			statement.setObject(i + 1, values[i]);
		return statement;
	}

	static Object value(String text, Object... values) throws SQLException
	{
		try (PreparedStatement statement = bind(text, values); ResultSet result = statement.executeQuery())
		{
			result.next();
			return result.getObject(1);
		}
	}

	// How a type comes: the driver has a binary form of the plain ones only.
	static void formats() throws SQLException
	{
		try (PreparedStatement statement = bind("SELECT 1.50, 7::bigint, date '2024-02-29', true, summary FROM sample"); ResultSet result = statement.executeQuery())
		{
			PGResultSetMetaData meta = (PGResultSetMetaData) result.getMetaData();
			StringBuilder formats = new StringBuilder();
			for (int i = 1; i <= 5; i++)
				formats.append(meta.getFormat(i));
			fact("formats", formats);
		}
	}

	static void calls() throws SQLException
	{
		LocalDate day = LocalDate.of(2024, 2, 29);
		fact("ndr", value("SELECT ndr_agg(?, ?)", new BigDecimal("100.00"), new BigDecimal("125.00")));
		fact("ndr of nothing", value("SELECT ndr_agg(?, ?)", 0, 5));
		fact("38 digits", value("SELECT starting(retention_agg(?, ?::numeric))", new BigDecimal("9".repeat(38)), null));
		fact("churn", value("SELECT churn_agg(?)", true));
		fact("retention", value("SELECT retention_agg(?, ?, ?::daterange, ?)::text", new BigDecimal("3.50"), 4, "[2024-01-01,2025-01-01)", "EUR"));
		fact("snapshot", value("SELECT history_agg(?, ?, ?::interval)::text", day, new BigDecimal("12.50"), "1 month"));
		fact("subscription", value("SELECT history_agg(?::daterange, ?)::text", "[2024-02-29,)", new BigDecimal("12.50")));
		fact("segment", value("SELECT label(?::segment)", "Größe \"L\" d'Or [0,100)"));
		Array scheme = connection.createArrayOf("text", new String[] {"low [0,5)", "Größe \"L\" d'Or, 東京 [5,)"});
		fact("scheme", value("SELECT label(segment_of(?, ?::segment[]))", new BigDecimal("5.5"), scheme));
	}

	// A custom type as text, as it comes, and sent back as the object it came as.
	static void customs() throws SQLException
	{
		for (String type : List.of("summary", "history", "scheme"))
		{
			Object got = value("SELECT " + type + " FROM sample");
			fact(type + " as text", got instanceof PGobject object ? object.getValue() : got);
			fact(type + " and back", value("SELECT " + type + " = ? FROM sample", got));
		}
	}

	// The same statement eight times: after five the driver prepares it, after five more plans the server may use one for all.
	static void prepared() throws SQLException
	{
		TreeSet<String> seen = new TreeSet<>();
		try (PreparedStatement statement = connection.prepareStatement(
			"SELECT ndr(rollup(summary)), amount_at(rollup(history), ?), label(segment_of(?, min(scheme))) FROM sample"))
		{
			for (int i = 0; i < 16; i++)
			{
				statement.setObject(1, LocalDate.of(2024, 6, 1));
				statement.setBigDecimal(2, new BigDecimal(1000));
				try (ResultSet result = statement.executeQuery())
				{
					result.next();
					seen.add(copied(result.getObject(1)) + " " + copied(result.getObject(2)) + " " + result.getString(3));
				}
			}
			fact("prepared", String.join(" / ", seen));
			fact("plans for all values", value("SELECT max(generic_plans) > 0 FROM pg_prepared_statements"));
		}
	}

	// Rows by the hundred, from a cursor on the server; it takes a transaction.
	static void cursor() throws SQLException
	{
		long count = 0;
		BigDecimal sum = BigDecimal.ZERO;
		connection.setAutoCommit(false);
		try (PreparedStatement statement = bind("SELECT account_id, change FROM bi.movement"))
		{
			statement.setFetchSize(100);
			try (ResultSet result = statement.executeQuery())
			{
				while (result.next())
				{
					count++;
					sum = sum.add(result.getBigDecimal(2));
				}
			}
		}
		connection.commit();
		connection.setAutoCommit(true);
		fact("cursor", count + " " + sum.toPlainString());
	}

	static String state(String text, Object... values)
	{
		try
		{
			value(text, values);
			return "no error";
		}
		catch (SQLException exception)
		{
			return exception.getSQLState();
		}
	}

	static void errors() throws SQLException
	{
		fact("negative amount", state("SELECT ndr_agg(?, ?)", -1, 5));
		fact("too many digits", state("SELECT starting(retention_agg(?, 1))", new BigDecimal("1" + "0".repeat(38))));
		fact("malformed text", state("SELECT ?::retention_summary", "{}"));
		fact("no unit", state("SELECT history_agg(?, ?, ?::interval)", LocalDate.of(2024, 1, 1), 1, "1 hour"));
		fact("no step", state("SELECT bridge_agg(history, ?, ?, ?::interval) FROM sample", LocalDate.of(2024, 1, 1), LocalDate.of(2025, 1, 1), null));
		fact("after errors", value("SELECT ndr_agg(2, 3.0)"));
	}

	public static void main(String[] args) throws SQLException, IOException
	{
		binary = args[0].equals("binary");
		connection = connect();
		for (String view : Arrays.copyOfRange(args, 2, args.length))
			read(args[1], view);
		calls();
		customs();
		prepared();
		cursor();
		errors();
		formats();
		connection.close();
	}
}
