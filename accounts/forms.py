"""What our own forms have in common, and the forms of the admin."""

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from accounts.models import User


class PlainForm(forms.Form):
    """Drawn by crispy without its own <form> element and buttons."""

    @property
    def helper(self) -> FormHelper:
        helper = FormHelper(self)
        helper.form_tag = False
        helper.include_media = False
        helper.disable_csrf = True
        layout = self.form_layout()
        if layout is not None:
            helper.layout = layout
        return helper

    def form_layout(self) -> Layout | None:
        """None: all fields below one another."""
        return None


class UserAddForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ["email", "name", "language"]


class UserEditForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"  # the admin's fieldsets choose
