"""Signing in and out, choosing a password, and the accounts that an administrator keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, session, url_for

from planner.core.staff import Actor, Role
from planner.services import accounts
from planner.web.access import TOKEN, actor, begin, look, public, require
from planner.web.fields import one_of
from planner.web.forms import AccountForm, SignInForm, WelcomeForm

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from planner.services.work import Work
    from planner.store.staff import Account
    from planner.web.filters import Answer

pages = Blueprint("accounts", __name__)
MINUTE = 60


@pages.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Answer:
    form = SignInForm()
    if form.validate_on_submit():
        login, password = form.login.data or "", form.password.data or ""
        with look() as work:
            right = accounts.known_password(work, login, password)
        with begin() as work:
            found = accounts.sign_in(work, login, right=right)
            if found.token is not None:
                _forget(work)
        if found.token is not None:
            _remember(found.token)
            return redirect(_inside(request.args.get("next")), 303)
        form.form_errors.append(_not_signed_in(int(found.wait.total_seconds())))
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/sign_in.html", form=form), status


def _not_signed_in(wait: int) -> str:
    if not wait:
        return "User name and password do not belong together. Check both, or ask your administrator for a new code."
    time = f"{wait} seconds" if wait < MINUTE else f"{-(-wait // MINUTE)} minutes"
    return f"Too many tries failed. Wait {time}, then try again, or ask your administrator for a new code."


def _forget(work: Work) -> None:
    """Whoever was signed in in this browser is signed out: no token is left behind that nobody can see."""
    former = session.get(TOKEN)
    if isinstance(former, str):
        accounts.sign_out(work, former)


def _remember(token: str) -> None:
    """The browser is signed in from now on; nothing that it held before is kept."""
    session.clear()
    session[TOKEN] = token


def _inside(wanted: str | None) -> str:
    """The page to go on to: one of ours, never another site's."""
    if wanted and wanted.startswith("/") and wanted[1:2] not in ("/", "\\") and wanted.isprintable():
        return wanted
    return url_for("patients.home")


@pages.post("/sign-out")
@public
def sign_out() -> Response:
    with begin() as work:
        _forget(work)
    session.clear()
    flash("You are signed out.")
    return redirect(url_for("accounts.sign_in"), 303)


@pages.route("/welcome", methods=["GET", "POST"])
@public
def welcome() -> Answer:
    form = WelcomeForm()

    def chosen() -> str:
        with begin() as work:
            token = accounts.choose_password(
                work, form.login.data or "", form.code.data or "", form.password.data or ""
            )
            _forget(work)
            return token

    token, status = form.save(chosen)
    if token is not None:
        _remember(token)
        return redirect(url_for("patients.home"), 303)
    return render_template("accounts/welcome.html", form=form), status


@pages.get("/staff")
@require(Role.ADMIN)
def staff() -> Answer:
    with look() as work:
        found = accounts.every(work)
    return render_template("accounts/staff.html", accounts=found)


@pages.route("/staff/new", methods=["GET", "POST"])
@require(Role.ADMIN)
def new() -> Answer:
    form = AccountForm()
    with look() as work:
        form.sites.choices = one_of({site.code: site.name for site in accounts.every_site(work)})

    def created() -> tuple[Account, str]:
        person = Actor(
            form.login.data or "", form.name.data or "", Role(form.role.data), frozenset(form.sites.data or ())
        )
        with begin(form.once) as work:
            return accounts.create(work, person)

    made, status = form.save(created)
    if made is not None:
        account, code = made
        return render_template("accounts/code.html", name=account.actor.name, login=account.actor.login, code=code)
    return render_template("accounts/new.html", form=form), status


@pages.post("/staff/<id:public_id>/<any(code, disable, enable, sign_out):act>")
@require(Role.ADMIN)
def change(public_id: str, act: str) -> Answer:
    with begin() as work:
        name = next((a.actor for a in accounts.every(work) if a.public_id == public_id), actor())
        if act == "code":
            code = accounts.renew(work, public_id)
            return render_template("accounts/code.html", name=name and name.name, login=name and name.login, code=code)
        {"disable": accounts.disable, "enable": accounts.enable, "sign_out": accounts.sign_out_everywhere}[act](
            work, public_id
        )
    flash("Saved.")
    return redirect(url_for("accounts.staff"), 303)
