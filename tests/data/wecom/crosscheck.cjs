// Reads [{token, key, receiver, timestamp, nonce, random, text, ciphertext}] on stdin; writes what @wecom/crypto makes of each.
const { decrypt, encrypt, getSignature } = require("./wecom_crypto.cjs");
const rows = JSON.parse(require("fs").readFileSync(0, "utf8"));
const checked = rows.map((row) => {
  const read = decrypt(row.key, row.ciphertext);
  return {
    ciphertext: encrypt(row.key, row.text, row.receiver, Buffer.from(row.random)),
    text: read.message,
    receiver: read.id,
    signature: getSignature(row.token, row.timestamp, row.nonce, row.ciphertext),
  };
});
process.stdout.write(JSON.stringify(checked));
