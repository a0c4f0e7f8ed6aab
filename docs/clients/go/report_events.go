// Reports what happened in an app to Switchroom, which counts it for the app's statistics.
//
//	go run report_events.go node1-000017.json
//
// A batch of events is a file, and the file's name is the batch's idempotency key: however often
// a batch is sent under its key, it counts once. So whatever went wrong, send the same file again.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const tries, longestWait = 6, time.Minute

// Some events; %[1]s is now, and %[2]s the batch's key. Your own have the times at which they
// happened: make them with encoding/json.
const sample = `{"events": [
  {"type": "user.registered", "at": "%[1]s", "user": "alice"},
  {"type": "user.login", "at": "%[1]s", "user": "alice", "platform": "ios"},
  {"type": "online.sampled", "at": "%[1]s", "source": "node-1", "count": 42},
  {"type": "message.sent", "at": "%[1]s", "user": "alice", "scope": "c2c", "deliveries": 1},
  {"type": "room.joined", "at": "%[1]s", "room": "class-7", "user": "alice", "stay": "stay-%[2]s"},
  {"type": "room.usage", "at": "%[1]s", "room": "class-7", "user": "alice", "seconds": 60,
   "pixels": 921600}
]}`

// send sends a batch once. Status 0 means that there was no answer.
func send(key string, body []byte) (status int, text string, header http.Header) {
	url := os.Getenv("SWITCHROOM_URL") + "/v1/apps/" + os.Getenv("SWITCHROOM_APP") + "/events"
	request, err := http.NewRequest("POST", url, bytes.NewReader(body))
	must(err)
	// An API key with the permission events:write.
	request.Header.Set("Authorization", "Bearer "+os.Getenv("SWITCHROOM_API_KEY"))
	request.Header.Set("Idempotency-Key", key)
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 30 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return 0, err.Error(), nil
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error(), nil
	}
	return response.StatusCode, string(answer), response.Header
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	batch := os.Args[1]
	key := strings.TrimSuffix(filepath.Base(batch), ".json")
	body, err := os.ReadFile(batch)
	if os.IsNotExist(err) {
		body = []byte(fmt.Sprintf(sample, time.Now().UTC().Format(time.RFC3339), key))
		err = os.WriteFile(batch, body, 0o600)
	}
	must(err)
	for try := 0; ; try++ {
		status, text, header := send(key, body) // always the same bytes under the same key
		switch {
		case status == 200: // On the server's disk: the file can be deleted now.
			fmt.Println(text)
			return
		case status != 0 && status != 429 && status < 500:
			// Nothing was counted. 422 names what is wrong: index (from 0), field, reason.
			log.Fatalf("refused (%d): %s", status, text)
		case try == tries-1:
			log.Fatalf("not sent (%d %s). Send %s again later.", status, text, batch)
		}
		wait := time.Second << try
		if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
			wait = time.Duration(seconds) * time.Second
		}
		if wait > longestWait {
			wait = longestWait
		}
		time.Sleep(wait)
	}
}
