"""The PyPI packages of Tencent and Agora as a judge: one JSON request per line, one answer each.

The requests are those of judge.js: "mint" and "check" of the kinds "usersig" and
"access_token_006" (no package on PyPI makes 007 tokens). tls-sig-api-v2 cannot lay out the user
buffer of a PrivateMapKey; the request brings it as base64 in "user_buffer".

"sign_sms" has the SDK of Tencent Cloud make the request that sends the text message of a body, and sign that very
body; "send_sms" has it sent to a server.
"""

import base64
import json
import sys
import time
import zlib

from agora_token_builder.AccessToken import AccessToken
from tencentcloud.common.credential import Credential
from tencentcloud.common.http.request import RequestInternal
from tencentcloud.common.profile.client_profile import ClientProfile
from tencentcloud.common.profile.http_profile import HttpProfile
from tencentcloud.sms.v20210111 import models
from tencentcloud.sms.v20210111.sms_client import SmsClient
from TLSSigAPIv2 import TLSSigAPIv2, base64_decode_url


def mint_usersig(request):
    api = TLSSigAPIv2(request["sdk_app_id"], request["key"])
    user, expires_in = request["user"], request["expires_in"]
    if request["user_buffer"] is None:
        return api.gen_sig(user, expires_in)
    return api.gen_sig_with_userbuf(user, expires_in, base64.b64decode(request["user_buffer"]))


def inside_usersig(token):
    return json.loads(zlib.decompress(base64_decode_url(token.encode())))


def check_usersig(request):
    mine, theirs = inside_usersig(mint_usersig(request)), inside_usersig(request["token"])
    return None if mine == theirs else f"made {mine}, got {theirs}"


def mint_006(request):
    user = 0 if request["user"] is None else request["user"]
    token = AccessToken(request["app_id"], request["certificate"], request["channel"], user)
    token.salt = request["salt"]
    token.ts = request["now"] + request["expires_in"]
    for privilege, seconds in request["grants"]:
        token.addPrivilege(privilege, 0 if seconds == 0 else request["now"] + seconds)
    return token.build()


def check_006(request):
    if AccessToken().fromString(request["token"]) is False:
        return "fromString refused it"
    mine = mint_006(request)
    return None if mine == request["token"] else f"made {mine}"


MINTS = {"usersig": mint_usersig, "access_token_006": mint_006}
CHECKS = {"usersig": check_usersig, "access_token_006": check_006}


def sms_client(request):
    profile = ClientProfile(httpProfile=HttpProfile(endpoint=request["host"], protocol="http"))
    credential = Credential(request["secret_id"], request["secret_key"])
    return SmsClient(credential, request["region"], profile)


def sms_parameters(request):
    message = models.SendSmsRequest()
    message.from_json_string(request["body"])
    return message


def sign_sms(request):
    client, parameters = sms_client(request), sms_parameters(request)._serialize()
    made = RequestInternal(request["host"], "POST", "/", {})
    client._build_req_with_tc3_signature("SendSms", parameters, made)
    # JSON can be written in many ways: what is compared is what it says, and what is signed is our way.
    says = json.loads(made.data)
    made.data = request["body"]
    date = time.strftime("%Y-%m-%d", time.gmtime(request["now"]))
    signature = client._get_tc3_signature(parameters, made, date, "sms", request["secret_key"])
    authorization = made.header["Authorization"].rsplit("=", 1)[0] + "=" + signature
    headers = {name.lower(): value for name, value in made.header.items()}
    return {"headers": headers | {"authorization": authorization}, "body": says}


def send_sms(request):
    return {"status": sms_client(request).SendSms(sms_parameters(request)).SendStatusSet[0].Code}


SMS = {"sign_sms": sign_sms, "send_sms": send_sms}


def answer(request):
    # The packages take the time from the system. A request says which time it is instead.
    time.time = lambda: request["now"] + 0.25
    if request["do"] in SMS:
        return SMS[request["do"]](request)
    if request["do"] == "mint":
        return {"token": MINTS[request["kind"]](request)}
    if request["do"] == "check":
        why = CHECKS[request["kind"]](request)
        return {"ok": True} if why is None else {"ok": False, "why": why}
    raise ValueError(f"cannot {request['do']}")


def main():
    for line in sys.stdin:
        try:
            result = answer(json.loads(line))
        except Exception as error:  # every failure is an answer: the asker decides
            result = {"error": repr(error)}
        print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
