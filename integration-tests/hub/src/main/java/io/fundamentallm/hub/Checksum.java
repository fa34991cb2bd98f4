package io.fundamentallm.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** What an etag of the hub says of the bytes. */
final class Checksum {
  private static final int SHA_1 = 40;
  private static final int SHA_256 = 64;

  private Checksum() {}

  /**
   * Whether a file has the content that the etag names. An etag that is neither 64 nor 40
   * hexadecimal digits, as of a mirror, names nothing that can be computed: then it is true.
   */
  static boolean matches(Path file, String etag) throws IOException {
    String digits = etag.toLowerCase(Locale.ROOT);
    if (!digits.matches("[0-9a-f]+") || (digits.length() != SHA_1 && digits.length() != SHA_256)) {
      return true;
    }
    boolean git = digits.length() == SHA_1;
    MessageDigest digest = digest(git ? "SHA-1" : "SHA-256");
    if (git) {
      // a blob of git: its length stands before its bytes
      digest.update(("blob " + Files.size(file) + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
        digest.update(buffer, 0, read);
      }
    }
    return HexFormat.of().formatHex(digest.digest()).equals(digits);
  }

  private static MessageDigest digest(String algorithm) {
    try {
      return MessageDigest.getInstance(algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has " + algorithm, e);
    }
  }
}
