"""Reports what happened in an app to Switchroom, which counts it for the app's statistics.

    python3 report_events.py node1-000017.json

A batch of events is a file, and the file's name is the batch's idempotency key: however often a
batch is sent under its key, it is counted once. So whatever went wrong, send the same file again.
"""
import http.client, json, os, sys, time, urllib.error, urllib.request
from datetime import datetime, timezone
from pathlib import Path

URL = os.environ["SWITCHROOM_URL"]  # such as https://console.example.com
API_KEY = os.environ["SWITCHROOM_API_KEY"]  # swr_..., with the permission events:write
APP = os.environ["SWITCHROOM_APP"]  # the SDKAppID, such as 1400000001
TRIES, LONGEST_WAIT_S = 6, 60


def sample(stay):
    """Some events. Your own have the times at which they happened."""
    now = datetime.now(timezone.utc).isoformat()
    alice = {"at": now, "user": "alice"}
    return [
        {"type": "user.registered", **alice},
        {"type": "user.login", **alice, "platform": "ios"},
        {"type": "online.sampled", "at": now, "source": "node-1", "count": 42},
        {"type": "message.sent", **alice, "scope": "c2c", "deliveries": 1},
        {"type": "room.joined", **alice, "room": "class-7", "stay": stay},
        {"type": "room.usage", **alice, "room": "class-7", "seconds": 60, "pixels": 1280 * 720},
    ]


def send(key, body):
    """Sends a batch until there is an answer: always the same bytes under the same key."""
    headers = {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key,
               "Content-Type": "application/json"}
    request = urllib.request.Request(f"{URL}/v1/apps/{APP}/events", body, headers)
    for attempt in range(TRIES):
        if attempt:
            time.sleep(min(wait_s, LONGEST_WAIT_S))
        wait_s = 2**attempt
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code == 422:  # Nothing was counted. Events that are wrong are named, from 0.
                problem = json.load(error)
                faults = [f"event {fault['index']}: {fault['field']} {fault['detail']}"
                          for fault in problem.get("errors", [])]
                sys.exit("\n".join([f"refused: {problem['detail']}", *faults]))
            if error.code != 429 and error.code < 500:
                sys.exit(f"refused ({error.code}): {error.read().decode()}")
            asked, why = error.headers.get("Retry-After", ""), error.code
            wait_s = int(asked) if asked.isdigit() else wait_s
        except (OSError, http.client.HTTPException) as error:
            why = error
    sys.exit(f"not sent ({why}). Send it again later, under the same key.")


batch = Path(sys.argv[1])
if not batch.exists():
    batch.write_text(json.dumps({"events": sample(f"stay-{batch.stem}")}))
# {'accepted': 6, 'duplicate': False}: on the server's disk. The file can be deleted now.
print(send(batch.stem, batch.read_bytes()))
