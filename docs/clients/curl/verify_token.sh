#!/bin/sh
# Asks Switchroom whether a token that a client has presented is good.
#
#   sh verify_token.sh TOKEN [USER [CHANNEL]]
#
# Exits with 0 when it is, 1 when it is not (the reason is printed), 2 when that is not known.
# What is given beside the token must fit it: always give the user and the channel that the client
# claims, or a token of somebody else, or for another channel, is as good.
set -eu
: "${SWITCHROOM_URL:?such as https://console.example.com}"
: "${SWITCHROOM_API_KEY:?an API key with the permission tokens:verify, swr_...}"
: "${SWITCHROOM_APP:?the SDKAppID of the app, such as 1400000001}"
: "${1:?usage: verify_token.sh TOKEN [USER [CHANNEL]]}"

# A text as JSON has it. The client chose what is in it, so it must not end the string.
quoted() { printf '"%s"' "$(printf %s "$1" | sed 's/[\\"]/\\&/g')"; }

body="{\"token\": $(quoted "$1")"
[ -z "${2:-}" ] || body="$body, \"user\": $(quoted "$2")"
[ -z "${3:-}" ] || body="$body, \"channel\": $(quoted "$3")"

question=$(mktemp) answer=$(mktemp)
trap 'rm -f "$question" "$answer"' EXIT
# Key and token go in by a pipe and a file: arguments can be seen by everybody on the machine.
printf '%s}' "$body" >"$question"
status=$(printf 'Authorization: Bearer %s\n' "$SWITCHROOM_API_KEY" |
    curl --silent --show-error --header @- --output "$answer" --write-out '%{http_code}' \
        --header 'Content-Type: application/json' --data-binary "@$question" --max-time 10 \
        "$SWITCHROOM_URL/v1/apps/$SWITCHROOM_APP/tokens/verify") || status=none

if [ "$status" != 200 ]; then
    echo "not known ($status): $(cat "$answer")" >&2 && exit 2
fi
case $(cat "$answer") in
'{"valid":true'*) # With what the token says: whom it is for, until when, what it allows.
    cat "$answer" && echo ;;
*)  # One of: malformed, wrong_app, wrong_user, wrong_channel, expired, not_yet_valid,
    # bad_signature, retired_key, missing_privilege, app_disabled, service_disabled.
    sed 's/^{"valid":false,"reason":"\([a-z_]*\)".*/refused: \1/' "$answer" >&2
    echo >&2 && exit 1 ;;
esac
