package io.fundamentallm.text;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.TreeSet;
import java.util.zip.CRC32;

/** See {@link Tokenizer#fingerprint}. */
final class TokenizerFingerprint {
  private TokenizerFingerprint() {}

  static String of(Tokenizer tokenizer) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    CRC32 checksum = new CRC32();
    for (int id = 0; id < vocabulary.size(); id++) {
      add(checksum, vocabulary.token(id).getBytes(StandardCharsets.UTF_8));
      add(checksum, tokenizer.bytes(id));
    }
    String roles =
        String.join(
            " ",
            vocabulary.bos().toString(),
            vocabulary.eos().toString(),
            vocabulary.pad().toString(),
            vocabulary.unk().toString(),
            new TreeSet<>(vocabulary.special()).toString());
    add(checksum, roles.getBytes(StandardCharsets.UTF_8));
    String value = HexFormat.of().toHexDigits((int) checksum.getValue());
    return vocabulary.size() + " tokens, CRC-32 " + value;
  }

  private static void add(CRC32 checksum, byte[] bytes) {
    checksum.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, bytes.length));
    checksum.update(bytes);
  }
}
