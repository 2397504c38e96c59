"""Makes the keys and tokens in this folder: test material, secret to nobody. Needs the package `cryptography`.

The tokens are signed here and not by the code under test, so that both can't be wrong in the same way.
"""

import base64
import json

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

CLAIMS = {
    "iss": "https://issuer.example/",
    "aud": "gateway",
    "sub": "user-1",
    "email": "jo@company.com",
    "exp": 1800003600,
}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def number(value, length=None):
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def write(name, key):
    write_public(name, key)
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    open(f"{name}.pem", "wb").write(pkcs8)


def write_public(name, key):
    spki = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    open(f"{name}.pub.pem", "wb").write(spki)


def jwk(name, key):
    public = key.public_key()
    if isinstance(key, rsa.RSAPrivateKey):
        parts = public.public_numbers()
        return {"kid": name, "kty": "RSA", "n": number(parts.n), "e": number(parts.e)}
    if isinstance(key, ec.EllipticCurvePrivateKey):
        parts, size = public.public_numbers(), public.curve.key_size // 8
        curve = f"P-{public.curve.key_size}"
        return {"kid": name, "kty": "EC", "crv": curve, "x": number(parts.x, size), "y": number(parts.y, size)}
    raw = public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {"kid": name, "kty": "OKP", "crv": "Ed25519", "x": b64(raw)}


def sign(key, algorithm, message):
    sha = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(algorithm[2:])
    if algorithm.startswith("RS"):
        return key.sign(message, padding.PKCS1v15(), sha)
    if algorithm.startswith("PS"):
        return key.sign(message, padding.PSS(padding.MGF1(sha), sha.digest_size), sha)
    if algorithm.startswith("ES"):
        size = key.curve.key_size // 8
        r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(sha)))
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    return key.sign(message)


def token(name, key, algorithm):
    header = {"alg": algorithm, "kid": name, "typ": "JWT"}
    message = ".".join(b64(json.dumps(part).encode()) for part in (header, CLAIMS)).encode()
    return f"{message.decode()}.{b64(sign(key, algorithm, message))}"


def rsa_key(bits):
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


keys = {
    "rsa": rsa_key(2048),
    "rsa-other": rsa_key(2048),
    "p256": ec.generate_private_key(ec.SECP256R1()),
    "p384": ec.generate_private_key(ec.SECP384R1()),
    "ed25519": ed25519.Ed25519PrivateKey.generate(),
}
short = rsa_key(1024)
for name, key in keys.items():
    write(name, key)
write_public("rsa-1024", short)
json.dump({"keys": [jwk(name, key) for name, key in keys.items()]}, open("jwks.json", "w"), indent=1)
json.dump({"keys": [jwk("rsa-1024", short)]}, open("rsa-1024.jwks.json", "w"), indent=1)

algorithms = {
    "rsa": ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
    "p256": ["ES256"],
    "p384": ["ES384"],
    "ed25519": ["EdDSA"],
}
tokens = {name: token(key, keys[key], name) for key, names in algorithms.items() for name in names}
tokens["RS256 of 1024 bits"] = token("rsa-1024", short, "RS256")
json.dump(tokens, open("tokens.json", "w"), indent=1)
