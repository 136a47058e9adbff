"""Refusals outside the API's views: pages in the console's look under /admin/, else the API's errors."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from lld.core.api import exceptions


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_console(request):
        return exceptions.not_found(request, exception)
    explanation = "What you look for is not there, or not yours to see."
    return _page(request, 404, "There is nothing at this address", explanation)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not _is_console(request):
        return exceptions.permission_denied(request, exception)
    explanation = "Your role does not reach this page. Ask a manager if it should."
    return _page(request, 403, "You may not do this", explanation)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    answer = exceptions.bad_request(request, exception)
    if not _is_console(request):
        return answer
    return _page(request, answer.status_code, "This cannot be read", "The address or the form is not one of ours.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    if not _is_console(request):
        return exceptions.csrf_failure(request, reason)
    explanation = "The page was open for too long, or in another tab you signed in anew. Go back and send it again."
    return _page(request, 403, "The form has expired", explanation)


def _is_console(request: HttpRequest) -> bool:
    return request.path.startswith("/admin/")


def _page(request: HttpRequest, status: int, title: str, explanation: str) -> HttpResponse:
    user: Any = getattr(request, "user", None)
    is_in = user is not None and admin.site.has_permission(request)
    shown = {
        **(admin.site.each_context(request) if is_in else {}),
        "title": title,
        "explanation": explanation,
        "layout": "admin/base_site.html" if is_in else "unfold/layouts/unauthenticated.html",
        "back": reverse("admin:index" if is_in else "admin:login"),
        "back_to": "To the first page" if is_in else "To sign-in",
    }
    return render(request, "console/refused.html", shown, status=status)
