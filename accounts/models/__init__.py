"""Who people and programs are, and what opens their accounts."""

from accounts.models.consent import DoNotCall, SmsConsent, SmsDelivery
from accounts.models.keys import ApiKey
from accounts.models.profiles import CustomerProfile, StaffProfile
from accounts.models.secrets import MOST_GUESSES, AccountToken, PhoneCode, PhoneSession, RevokedStaffToken
from accounts.models.users import User, UserManager

__all__ = [
    "MOST_GUESSES",
    "AccountToken",
    "ApiKey",
    "CustomerProfile",
    "DoNotCall",
    "PhoneCode",
    "PhoneSession",
    "RevokedStaffToken",
    "SmsConsent",
    "SmsDelivery",
    "StaffProfile",
    "User",
    "UserManager",
]
