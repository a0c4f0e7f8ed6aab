"""Asks Switchroom whether a token that a client has presented is good.

    python3 verify_token.py TOKEN [USER [CHANNEL]]

Exits with 0 when it is, 1 when it is not (the reason is printed), 2 when that is not known.
"""
import http.client, json, os, sys, urllib.error, urllib.request

URL = os.environ["SWITCHROOM_URL"]  # such as https://console.example.com
API_KEY = os.environ["SWITCHROOM_API_KEY"]  # swr_..., with the permission tokens:verify
APP = os.environ["SWITCHROOM_APP"]  # the SDKAppID, such as 1400000001


def verify(token, user=None, channel=None):
    """Answers what is known of a token.

    What is given beside the token must fit it: always give the user and the channel that the
    client claims, or a token of somebody else, or for another channel, is as good.
    """
    question = {"token": token, "user": user, "channel": channel}
    headers = {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    request = urllib.request.Request(
        f"{URL}/v1/apps/{APP}/tokens/verify", json.dumps(question).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


try:
    verdict = verify(*sys.argv[1:])
except urllib.error.HTTPError as error:  # Such as a key without the permission.
    print(f"not known ({error.code}): {error.read().decode()}", file=sys.stderr)
    sys.exit(2)
except (OSError, http.client.HTTPException) as error:
    print(f"not known: {error}", file=sys.stderr)
    sys.exit(2)
if not verdict["valid"]:
    # One of: malformed, wrong_app, wrong_user, wrong_channel, expired, not_yet_valid,
    # bad_signature, retired_key, missing_privilege, app_disabled, service_disabled.
    sys.exit(f"refused: {verdict['reason']}")
print(verdict["claims"])  # What the token says: whom it is for, until when, what it allows.
