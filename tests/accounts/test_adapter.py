import pytest
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


def test_nobody_signs_up_alone(client):
    data = {"email": "new@example.org", "password1": "correct horse battery", "password2": "correct horse battery"}
    response = client.post(reverse("account_signup"), data)
    assert response.status_code == 200
    assert not User.objects.exists()
