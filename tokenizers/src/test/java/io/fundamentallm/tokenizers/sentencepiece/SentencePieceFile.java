package io.fundamentallm.tokenizers.sentencepiece;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Writes small SentencePiece models, and breaks them. */
public final class SentencePieceFile {
  public static final int NORMAL = 1;
  static final int UNKNOWN = 2;
  static final int CONTROL = 3;
  public static final int USER_DEFINED = 4;
  public static final int UNUSED = 5;
  static final int BYTE = 6;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A model of this type (1 to 4) that adds no prefix and removes no spaces. */
  public static SentencePieceFile plain(int type) {
    ByteArrayOutputStream trainer = new ByteArrayOutputStream();
    varint(trainer, 3 << 3);
    varint(trainer, type);
    ByteArrayOutputStream normalizer = new ByteArrayOutputStream();
    for (int field = 3; field <= 4; field++) {
      varint(normalizer, field << 3);
      varint(normalizer, 0);
    }
    return new SentencePieceFile()
        .field(2, trainer.toByteArray())
        .field(3, normalizer.toByteArray())
        .piece("<unk>", 0, UNKNOWN)
        .piece("<s>", 0, CONTROL);
  }

  public SentencePieceFile piece(String piece, float score, int kind) {
    return piece(piece.getBytes(StandardCharsets.UTF_8), score, kind);
  }

  public SentencePieceFile piece(byte[] piece, float score, int kind) {
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    varint(message, 1 << 3 | 2);
    varint(message, piece.length);
    message.writeBytes(piece);
    varint(message, 2 << 3 | 5);
    for (int shift = 0; shift < 32; shift += 8) {
      message.write(Float.floatToIntBits(score) >>> shift);
    }
    varint(message, 3 << 3);
    varint(message, kind);
    return field(1, message.toByteArray());
  }

  public SentencePieceFile field(int number, byte[] message) {
    varint(out, (long) number << 3 | 2);
    varint(out, message.length);
    return raw(message);
  }

  SentencePieceFile raw(byte... bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public byte[] bytes() {
    return out.toByteArray();
  }

  public SentencePieceModel model() throws java.io.IOException {
    return SentencePieceReader.parse("test.model", bytes());
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    for (; rest > 0x7F; rest >>>= 7) {
      out.write((int) rest | 0x80);
    }
    out.write((int) rest);
  }

  /** A copy with a few bytes changed, or cut off. */
  public static byte[] mutate(byte[] whole, Random random) {
    byte[] bytes = whole.clone();
    for (int changes = random.nextInt(4); changes >= 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes[at] = (byte) 0xFF;
        default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
      }
    }
    return bytes;
  }
}
