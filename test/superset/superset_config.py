# Superset for the test of its dashboard: whoever comes is the administrator, and what the charts were given is kept.
import os

WORK = os.environ["SUPERSET_WORK"]
SECRET_KEY = "a server of this machine, for a minute"
SQLALCHEMY_DATABASE_URI = "sqlite:///" + WORK + "/superset.db"
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
RATELIMIT_ENABLED = False


def FLASK_APP_MUTATOR(app):
    from flask import request
    from flask_login import current_user, login_user

    @app.before_request
    def come_in():
        if not current_user.is_authenticated:
            login_user(app.appbuilder.sm.find_user("admin"))

    @app.after_request
    def keep(response):
        if request.path == "/api/v1/chart/data":
            with open(WORK + "/answers", "a") as answers:
                answers.write(response.get_data(as_text=True).replace("\n", " ") + "\n")
        if response.status_code >= 400:
            with open(WORK + "/refused", "a") as refused:
                refused.write("%s %s\n" % (response.status_code, request.path))
        return response
