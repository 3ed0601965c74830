# SPDX-License-Identifier: Apache-2.0
# CVE-2025-26519 in musl 1.2.3: the EUC-KR decoder accepts lead bytes
# that have no characters, and the UTF-8 encoder trusts the decoders.
s/if (c >= 93 || c>=0xc6-0x81 && d>0x52)/if (c > 0xc6-0x81 || c == 0xc6-0x81 \&\& d > 0x52)/
s/^\(	*\)k = wctomb_utf8(tmp, c);/&\
\1if (k > 4) goto ilseq;/
s/^\(	*\)} else k = wctomb_utf8(\*out, c);/&\
\1if (k > 4) goto ilseq;/
