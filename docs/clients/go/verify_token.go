// Asks Switchroom whether a token that a client has presented is good.
//
//	go build verify_token.go && ./verify_token TOKEN [USER [CHANNEL]]
//
// Exits with 0 when it is, 1 when it is not (the reason is printed), 2 when that is not known.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"
)

// Question is what is asked. What is given beside the token must fit it: always give the user and
// the channel that the client claims, or a token of somebody else, or for another channel, is as
// good.
type Question struct {
	Token   string `json:"token"`
	User    string `json:"user,omitempty"`
	Channel string `json:"channel,omitempty"`
}

// Verdict is the answer. Reason is one of malformed, wrong_app, wrong_user, wrong_channel,
// expired, not_yet_valid, bad_signature, retired_key, missing_privilege, app_disabled,
// service_disabled.
type Verdict struct {
	Valid  bool
	Reason string
	Claims json.RawMessage // whom it is for, until when, what it allows
}

func verify(question Question) (verdict Verdict, err error) {
	body, err := json.Marshal(question)
	if err != nil {
		return verdict, err
	}
	url := os.Getenv("SWITCHROOM_URL") + "/v1/apps/" + os.Getenv("SWITCHROOM_APP") + "/tokens/verify"
	request, err := http.NewRequest("POST", url, bytes.NewReader(body))
	if err != nil {
		return verdict, err
	}
	// An API key with the permission tokens:verify.
	request.Header.Set("Authorization", "Bearer "+os.Getenv("SWITCHROOM_API_KEY"))
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: 10 * time.Second}
	response, err := client.Do(request)
	if err != nil {
		return verdict, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK { // such as a key without the permission
		return verdict, fmt.Errorf("the server answered %s", response.Status)
	}
	err = json.NewDecoder(response.Body).Decode(&verdict)
	return verdict, err
}

func main() {
	given := append(os.Args[1:], "", "", "")
	verdict, err := verify(Question{given[0], given[1], given[2]})
	if err != nil {
		fmt.Fprintln(os.Stderr, "not known:", err)
		os.Exit(2)
	}
	if !verdict.Valid {
		fmt.Fprintln(os.Stderr, "refused:", verdict.Reason)
		os.Exit(1)
	}
	fmt.Println(string(verdict.Claims))
}
