"""Sign-in and the switch "I take conversations"."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from staff.access import CHAT_ROLES, may_review, may_watch, require_role
from staff.presence import set_accepting


class SignIn(LoginView):
    """Signs a staff account in and sends it to the room it works in."""

    template_name = "staff/sign_in.html"
    redirect_authenticated_user = True

    def get_default_redirect_url(self) -> str:
        """The console for those who may watch it, the review for reviewers."""
        user = self.request.user
        if not may_watch(user) and may_review(user):
            return resolve_url("review:list")
        return resolve_url("console:home")


@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """Take a page's sign of life, which `PresenceMiddleware` has noted; 403 when signed out."""
    return HttpResponse(status=204 if request.user.is_authenticated else 403)


@require_POST
@login_required
def accepting(request: HttpRequest) -> HttpResponse:
    """Switch whether the signed-in specialist takes new conversations."""
    user = require_role(request.user, *CHAT_ROLES)
    set_accepting(user, is_accepting=request.POST.get("accepting") == "yes")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}):
        back = resolve_url("console:home")
    return HttpResponseRedirect(back)
