"""People in the admin. What a person may do follows from memberships, so there are no groups here."""

from collections.abc import Iterable

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import UserAddForm, UserEditForm
from accounts.models import AccessLink, User

admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = UserEditForm
    add_form = UserAddForm
    list_display = ["name", "email", "language", "is_active", "is_staff", "last_login"]
    list_filter = ["is_active", "is_staff", "is_superuser", "language"]
    search_fields = ["name", "email"]
    ordering = ["name"]
    readonly_fields = ["last_login", "date_joined"]
    filter_horizontal = []
    fieldsets = [
        (None, {"fields": ["email", "name", "language", "password"]}),
        (_("Administration"), {"fields": ["is_active", "is_staff", "is_superuser"]}),
        (_("Times"), {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["email", "name", "language", "usable_password", "password1", "password2"]}),
    ]


@admin.register(AccessLink)
class AccessLinkAdmin(admin.ModelAdmin):
    """Links are made where they are needed and only withdrawn here."""

    list_display = ["purpose", "target", "sent_to", "created_by", "created_at", "expires_at", "used_at", "withdrawn_at"]
    list_filter = ["purpose", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["target", "sent_to"]
    actions = ["withdraw"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: AccessLink | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AccessLink | None = None) -> bool:
        return False

    @admin.action(description=_("Withdraw the selected links"), permissions=["view"])
    def withdraw(self, request: HttpRequest, queryset: QuerySet[AccessLink]) -> None:
        links = list(queryset.filter(withdrawn_at=None))
        AccessLink.objects.filter(pk__in=[link.pk for link in links]).update(withdrawn_at=timezone.now())
        self.withdrawn(request, links)
        self.message_user(request, _("The links no longer open anything."))

    def withdrawn(self, request: HttpRequest, links: Iterable[AccessLink]) -> None:
        """What else happens when links are withdrawn; the audit trail adds itself here."""
