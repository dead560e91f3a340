"""Enveloped XAdES-BES signature of an XML document (ETSI EN 319 132-1), made with xmlsig; the qualifying properties are ours.

RSA-SHA256, exclusive canonicalisation; the signing certificate stands in KeyInfo and, by digest, in the signed properties.
"""

import base64
import hashlib
import uuid
from datetime import UTC, datetime
from functools import lru_cache

import xmlsig
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from lxml import etree

from .errors import ChangedDocument, ForeignSignature, NotSigned, SignatureFailed, UnreadableDocument

DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
SIGNED_PROPERTIES = "http://uri.etsi.org/01903#SignedProperties"
NS = {"ds": DS, "xades": XADES}
MAX_SIZE = 10 * 1024 * 1024


def parse(xml: bytes) -> etree._Element:
    """The document without entities, network or huge trees.

    :raises UnreadableDocument: not an XML document, too large, or one that declares a document type
    """
    if len(xml) > MAX_SIZE:
        raise UnreadableDocument("the file is larger than 10 MB")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    try:
        root = etree.fromstring(xml, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableDocument(f"not an XML document: {error}") from error
    if root.getroottree().docinfo.doctype:
        raise UnreadableDocument("a document type declaration is not accepted")
    return root


def sign(xml: bytes, key_pem: bytes, certificate_pem: bytes, *, moment: datetime) -> bytes:
    """The document with a signature as last child of its root.

    :param moment: signing time with time zone
    :raises SignatureFailed: unreadable key or certificate, or two that do not belong together
    """
    certificate, key = _load(key_pem, certificate_pem)
    root = parse(xml)
    mark = uuid.uuid4().hex
    signature = xmlsig.template.create(
        xmlsig.constants.TransformExclC14N,
        xmlsig.constants.TransformRsaSha256,
        name=f"Signature-{mark}",
    )
    reference = xmlsig.template.add_reference(
        signature, xmlsig.constants.TransformSha256, uri="", name=f"Reference-{mark}"
    )
    xmlsig.template.add_transform(reference, xmlsig.constants.TransformEnveloped)
    xmlsig.template.add_transform(reference, xmlsig.constants.TransformExclC14N)
    properties = xmlsig.template.add_reference(
        signature,
        xmlsig.constants.TransformSha256,
        uri=f"#SignedProperties-{mark}",
        uri_type=SIGNED_PROPERTIES,
    )
    xmlsig.template.add_transform(properties, xmlsig.constants.TransformExclC14N)
    x509_data = xmlsig.template.add_x509_data(
        xmlsig.template.ensure_key_info(signature, name=f"KeyInfo-{mark}")
    )
    xmlsig.template.x509_data_add_certificate(x509_data)
    signature.append(_qualifying_properties(mark, certificate, moment))
    root.append(signature)
    context = xmlsig.SignatureContext()
    context.x509, context.public_key, context.private_key = certificate, certificate.public_key(), key
    context.sign(signature)
    return etree.tostring(root.getroottree(), xml_declaration=True, encoding="UTF-8")


@lru_cache(maxsize=8)
def _load(key_pem: bytes, certificate_pem: bytes):
    """Certificate and key, read and checked once: the check of an RSA key takes longer than a signature."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        key = serialization.load_pem_private_key(key_pem, password=None)
    except (ValueError, TypeError) as error:
        raise SignatureFailed("the key or the certificate cannot be read") from error
    if key.public_key() != certificate.public_key():
        raise SignatureFailed("the key does not belong to the certificate")
    return certificate, key


def _qualifying_properties(mark: str, certificate: x509.Certificate, moment: datetime) -> etree._Element:
    """SigningTime and SigningCertificateV2 (EN 319 132-1, 5.2.1 and 5.2.2), inside ds:Object."""
    digest = base64.b64encode(
        hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).digest()
    ).decode()
    holder = etree.Element(f"{{{DS}}}Object", nsmap={"ds": DS})
    qualifying = etree.SubElement(
        holder,
        f"{{{XADES}}}QualifyingProperties",
        Target=f"#Signature-{mark}",
        nsmap={"xades": XADES},
    )
    signed = etree.SubElement(qualifying, f"{{{XADES}}}SignedProperties", Id=f"SignedProperties-{mark}")
    about = etree.SubElement(signed, f"{{{XADES}}}SignedSignatureProperties")
    etree.SubElement(about, f"{{{XADES}}}SigningTime").text = moment.astimezone(UTC).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
    cert = etree.SubElement(etree.SubElement(about, f"{{{XADES}}}SigningCertificateV2"), f"{{{XADES}}}Cert")
    cert_digest = etree.SubElement(cert, f"{{{XADES}}}CertDigest")
    etree.SubElement(cert_digest, f"{{{DS}}}DigestMethod", Algorithm=xmlsig.constants.TransformSha256)
    etree.SubElement(cert_digest, f"{{{DS}}}DigestValue").text = digest
    return holder


def verify(xml: bytes, certificate_pem: bytes) -> datetime:
    """Signing time of a document that `sign` made with this certificate and that nobody changed.

    :raises UnreadableDocument: not a document that is looked into
    :raises NotSigned: no signature, or not exactly one in the root
    :raises ForeignSignature: signed with another certificate
    :raises ChangedDocument: not what was signed
    """
    root = parse(xml)
    signatures = root.findall(f"{{{DS}}}Signature")
    if len(signatures) != 1 or len(root.findall(f".//{{{DS}}}Signature")) != 1:
        raise NotSigned("the document does not carry exactly one signature in its root")
    signature = signatures[0]
    certificate = x509.load_pem_x509_certificate(certificate_pem)
    _check_signer(signature, certificate)
    _check_plain(root)
    _check_references(signature)
    _check_methods(signature)
    context = xmlsig.SignatureContext()
    context.x509, context.public_key = certificate, certificate.public_key()
    try:
        context.verify(signature)
    except Exception as error:  # xmlsig answers with whatever its parts raise
        raise ChangedDocument("the signature does not fit the document") from error
    moment = datetime.fromisoformat(
        signature.findtext(".//xades:SigningTime", namespaces=NS).replace("Z", "+00:00")
    )
    if not certificate.not_valid_before_utc <= moment <= certificate.not_valid_after_utc:
        raise ForeignSignature("the certificate was not valid at the time of signing")
    return moment


def _check_plain(root: etree._Element):
    """Comments and instructions are outside what is signed, and can hide a part of a value from a reader."""
    if next(root.iter(etree.Comment, etree.PI), None) is not None or root.getprevious() is not None:
        raise ChangedDocument("comments or instructions were added")


def _check_methods(signature: etree._Element):
    """Only what `sign` uses: a document must not choose a weaker algorithm, or a transform that leaves a part out."""
    info = signature.find("ds:SignedInfo", NS)
    if info.find("ds:CanonicalizationMethod", NS) is None or info.find("ds:SignatureMethod", NS) is None:
        raise ChangedDocument("the signature is incomplete")
    enveloped, exclusive = xmlsig.constants.TransformEnveloped, xmlsig.constants.TransformExclC14N
    told = [
        info.find("ds:CanonicalizationMethod", NS).get("Algorithm"),
        info.find("ds:SignatureMethod", NS).get("Algorithm"),
        *(node.get("Algorithm") for node in info.iterfind("ds:Reference/ds:DigestMethod", NS)),
        *(node.get("Algorithm") for node in info.iterfind("ds:Reference/ds:Transforms/ds:Transform", NS)),
    ]
    sha256 = xmlsig.constants.TransformSha256
    if told != [
        exclusive,
        xmlsig.constants.TransformRsaSha256,
        sha256,
        sha256,
        enveloped,
        exclusive,
        exclusive,
    ]:
        raise ChangedDocument("the signature was made in another way than ours")


def _check_references(signature: etree._Element):
    """The whole document and the signed properties are covered: else a wrapped document could pass."""
    references = signature.findall("ds:SignedInfo/ds:Reference", NS)
    properties = signature.findall("ds:Object/xades:QualifyingProperties/xades:SignedProperties", NS)
    if len(properties) != 1 or [r.get("URI") for r in references] != ["", f"#{properties[0].get('Id')}"]:
        raise ChangedDocument("the signature does not cover the whole document")
    mark = properties[0].get("Id")
    if sum(1 for node in signature.getroottree().iter("*") if mark in node.attrib.values()) != 1:
        raise ChangedDocument("the signed properties stand there twice")


def _check_signer(signature: etree._Element, certificate: x509.Certificate):
    """xmlsig verifies with the certificate that the document brings along: it must be ours, and the only key there."""
    key_info = signature.findall("ds:KeyInfo", NS)
    told = [node.text or "" for node in signature.iterfind("ds:KeyInfo/ds:X509Data/ds:X509Certificate", NS)]
    ours = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
    if len(key_info) != 1 or len(key_info[0]) != 1 or ["".join(text.split()) for text in told] != [ours]:
        raise ForeignSignature("the document was signed by somebody else")
