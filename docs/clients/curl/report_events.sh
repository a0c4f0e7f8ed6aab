#!/bin/sh
# Reports what happened in an app to Switchroom, which counts it for the app's statistics.
#
#   sh report_events.sh node1-000017.json        (curl 7.71 or later)
#
# A batch of events is a file, and the file's name is the batch's idempotency key: however often a
# batch is sent under its key, it is counted once. So whatever went wrong, send the same file again.
set -eu
: "${SWITCHROOM_URL:?such as https://console.example.com}"
: "${SWITCHROOM_API_KEY:?an API key with the permission events:write, swr_...}"
: "${SWITCHROOM_APP:?the SDKAppID of the app, such as 1400000001}"
batch=${1:?usage: report_events.sh BATCH.json}
key=$(basename "$batch" .json)

# A sample, where there is no such file yet. Your own events have the times at which they happened.
if [ ! -e "$batch" ]; then
    now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
    cat >"$batch" <<END
{"events": [
  {"type": "user.registered", "at": "$now", "user": "alice"},
  {"type": "user.login", "at": "$now", "user": "alice", "platform": "ios"},
  {"type": "online.sampled", "at": "$now", "source": "node-1", "count": 42},
  {"type": "message.sent", "at": "$now", "user": "alice", "scope": "c2c", "deliveries": 1},
  {"type": "room.joined", "at": "$now", "room": "class-7", "user": "alice", "stay": "stay-$key"},
  {"type": "room.usage", "at": "$now", "room": "class-7", "user": "alice", "seconds": 60,
   "pixels": 921600}
]}
END
fi

answer=$(mktemp)
trap 'rm -f "$answer"' EXIT
# The API key goes in by a pipe: arguments can be seen by everybody on the machine. curl tries again
# after 429, 503 and broken connections, as late as Retry-After says, for two minutes at most.
status=$(printf 'Authorization: Bearer %s\n' "$SWITCHROOM_API_KEY" |
    curl --silent --show-error --header @- --output "$answer" --write-out '%{http_code}' \
        --header "Idempotency-Key: $key" --header 'Content-Type: application/json' \
        --data-binary "@$batch" --max-time 30 \
        --retry 5 --retry-all-errors --retry-max-time 120 \
        "$SWITCHROOM_URL/v1/apps/$SWITCHROOM_APP/events") || status=none

case $status in
200) # {"accepted":6,"duplicate":false}: on the server's disk. The file can be deleted now.
    cat "$answer" && echo ;;
none | 429 | 5??)
    echo "not sent: no answer, or too busy ($status). Send $batch again later." >&2 && exit 1 ;;
*)  # Nothing was counted. 422 names the events that are wrong by index (from 0), field and reason.
    echo "refused ($status): $(cat "$answer")" >&2 && exit 1 ;;
esac
