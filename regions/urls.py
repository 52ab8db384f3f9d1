"""Addresses of a region's people: `/<region>/people/…`; of an invitation that is answered; of a person's own page."""

from django.urls import path

from regions.views import bodies, invitations, members, person

app_name = "regions"

PEOPLE = "<slug:region>/people/"
BODY = f"{PEOPLE}<slug:public_id>/"
MEMBER = f"{BODY}members/<slug:membership_id>/"
MEETING = f"{BODY}meetings/<slug:meeting_id>/"

urlpatterns = [
    path("invitation/", invitations.invitation, name="invitation"),
    path("account/you/", person.person, name="person"),
    path(PEOPLE, bodies.people, name="people"),
    path(f"{PEOPLE}add/", bodies.body_add, name="body-add"),
    path(f"{PEOPLE}not-come-in/", invitations.not_come_in_list, name="not-come-in"),
    path(f"{PEOPLE}not-come-in/send-again/", invitations.invitations_send_again, name="invitations-send-again"),
    path(BODY, bodies.body_detail, name="body"),
    path(f"{BODY}edit/", bodies.body_edit, name="body-edit"),
    path(f"{BODY}leave/", members.member_leave, name="member-leave"),
    path(f"{BODY}invite/", members.member_invite, name="member-invite"),
    path(f"{MEMBER}edit/", members.member_edit, name="member-edit"),
    path(f"{MEMBER}end/", members.member_end, name="member-end"),
    path(f"{MEMBER}hand-over/", members.member_hand_over, name="member-hand-over"),
    path(f"{MEMBER}replace/", members.member_replace, name="member-replace"),
    path(f"{MEMBER}send-again/", invitations.invitation_send_again, name="invitation-send-again"),
    path(f"{MEMBER}withdraw/", invitations.invitation_withdraw, name="invitation-withdraw"),
    path(f"{BODY}meetings/add/", bodies.meeting_add, name="meeting-add"),
    path(f"{MEETING}edit/", bodies.meeting_edit, name="meeting-edit"),
    path(f"{MEETING}remove/", bodies.meeting_remove, name="meeting-remove"),
]
