// Keeps credentials that lie in a cluster from leaving it. Keys and names stay, values go. Pure; the time is linear in
// the size of the input, whatever it holds.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace fairlead::redact {

inline constexpr std::string_view kRedacted = "<redacted>";

// Takes out of one Kubernetes object, or of a list of them, what its reader has no use for or must not see:
// managedFields, the last-applied annotation and other appliers' copies, values of Secrets (data, stringData; also
// where a text holds the object as JSON or YAML), texts under a name that says credential, environment variables and
// annotations under one that may, command-line arguments that follow such a flag, and what text() finds in any
// text.
void object(json::value& object);

// Credentials inside free text (logs, events, arguments): bearer and JSON web tokens, PEM private keys, access keys of
// well-known services, URLs with a password, and values after a name that says credential: NAME=value, "name": "value",
// --name value, <name>value</name>, {"name": "NAME", "value": "value"}, YAML blocks; passwords of well-known programs'
// flags, webhooks with a secret path, manifests of Secrets. A key of which only the end is there goes too. What only
// looks alike stays: counts, versions, paths, references such as $(NAME), and a word of prose after "token: ".
std::string text(std::string_view text);

// Without a terminal's control sequences and characters without width, which may stand inside a word or between a name
// and its value where a reader sees none.
std::string without_decoration(std::string_view text);

// A credential that is known, such as the one in use, wherever it stands in a text: no name or shape has to give it
// away. Those of fewer than four bytes stay, since they would be found everywhere.
void cut_out(std::string& text, std::string_view credential);

// password, token, secret, api_key, private_key, credential, …, in any spelling and letter case; not names that only
// say where or what kind a secret is (tokenFile, SECRET_NAME, password_policy).
bool names_a_credential(std::string_view name);

// The wider net for environment variables, where a value that is hidden without need costs little: names that end in
// KEY (not PUBLIC_KEY, CACHE_KEY, …), AUTH, CREDS, SALT, PW, _PAT, _PIN, PSK, MNEMONIC; a number after it changes
// nothing.
bool may_name_a_credential(std::string_view name);

// Such a name itself, rather than one that has something about it: passwords, tokens, clientSecret, X-Api-Key. What
// lies in an object or a list below it is credentials, except members that say where and what kind they are
// (says_about_a_credential) and references to where they lie: {name, key}.
bool names_credentials(std::string_view name);
bool says_about_a_credential(std::string_view member);

// "name", "key", "header", "id", beside which a "value", "val", "default" or "stringValue" stands, in any letter case.
bool is_name_of_pair(std::string_view member);
bool is_value_of_pair(std::string_view member);

// Base64 of user:password.
bool is_encoded_pair(std::string_view value);

// A name that only says where a credential lies, over a value that is no place and no kind: DB_PASSWORD_FILE=Xk9mQ2pL.
bool belies_its_name(std::string_view name, std::string_view value);

// Members of a JSON web key that are secret: d, k, p, …
bool is_of_web_key(std::string_view member);

// Whether a value under such a name is plainly none: true, none, a number under a name in the plural, a path
// (under a password's name only one below a well-known directory), $(NAME).
bool is_harmless_value(std::string_view name, std::string_view value);

}  // namespace fairlead::redact
