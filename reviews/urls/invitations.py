"""Who is asked, by mail and by code, and who is silent."""

from django.urls import URLPattern, URLResolver, path

from reviews.views import invitations, inviting, mail_texts

LIST = "<slug:region>/rounds/<slug:round_id>/invitations/"
ONE = f"{LIST}<slug:invitation_id>/"
TEXTS = "<slug:region>/mail-texts/"

urlpatterns: list[URLPattern | URLResolver] = [
    path(LIST, invitations.invitation_list, name="invitation-list"),
    # Fixed words before the identifier of one; identifiers have no vowels.
    path(f"{LIST}choose/", inviting.invitation_choose, name="invitation-choose"),
    path(f"{LIST}addresses/", inviting.invitation_addresses, name="invitation-addresses"),
    path(f"{LIST}file/", inviting.invitation_file, name="invitation-file"),
    path(f"{LIST}send/", invitations.invitations_send, name="invitations-send"),
    path(f"{LIST}remind/", invitations.invitations_remind, name="invitations-remind"),
    path(f"{LIST}reminders/", invitations.reminder_settings, name="reminder-settings"),
    path(ONE, invitations.invitation_detail, name="invitation"),
    path(f"{ONE}edit/", invitations.invitation_edit, name="invitation-edit"),
    path(f"{ONE}send/", invitations.invitation_send, name="invitation-send"),
    path(f"{ONE}remind/", invitations.invitation_remind, name="invitation-remind"),
    path(f"{ONE}bounced/", invitations.invitation_bounced, name="invitation-bounced"),
    path(f"{ONE}time/", invitations.invitation_time, name="invitation-time"),
    path(f"{ONE}withdraw/", invitations.invitation_withdraw, name="invitation-withdraw"),
    path(TEXTS, mail_texts.mail_texts, name="mail-texts"),
    path(f"{TEXTS}<slug:kind>/<slug:language>/", mail_texts.mail_text, name="mail-text"),
    path(f"{TEXTS}<slug:kind>/<slug:language>/original/", mail_texts.mail_text_original, name="mail-text-original"),
]
