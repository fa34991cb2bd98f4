package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Collects the pieces of a SentencePiece model and checks what {@code model_interface.cc} checks:
 * none is empty or repeated, one is unknown, and every byte or none has a piece.
 */
public final class SentencePiecePieces {
  private static final int MAX_PIECES = 1 << 22;

  /** kMaxPieceSize of model_interface.cc. */
  private static final int LONGEST = 8000;

  private static final int PIECE = 1 << 3 | SentencePieceWire.BYTES;
  private static final int SCORE = 2 << 3 | SentencePieceWire.FIXED_32;
  private static final int KIND = 3 << 3 | SentencePieceWire.VARINT;

  private final String file;
  private final List<byte[]> pieces = new ArrayList<>();
  private final List<Kind> kinds = new ArrayList<>();
  private float[] scores = new float[1024];
  private int unknown = -1;
  private final boolean[] bytes = new boolean[256];

  /** Pieces that are found in text, and those that are not: a string may be one of each. */
  private final Map<ByteBuffer, Integer> inText = new HashMap<>();

  private final Map<ByteBuffer, Integer> reserved = new HashMap<>();

  SentencePiecePieces(String file) {
    this.file = file;
  }

  void add(SentencePieceWire in) throws IOException {
    int start = in.at();
    int id = pieces.size();
    byte[] piece = {};
    float score = 0;
    Kind kind = Kind.NORMAL;
    while (in.hasMore()) {
      int tag = in.tag();
      int at = in.at();
      switch (tag) {
        case PIECE -> piece = in.utf8();
        case SCORE -> score = in.fixedFloat();
        case KIND -> {
          long value = in.varint();
          Kind found = Kind.of(value);
          if (found == null) {
            throw in.error(at, "piece " + id + " has the type " + value + ", which does not exist");
          }
          kind = found;
        }
        default -> in.skip(tag);
      }
    }
    String what = check(id, piece, score, kind);
    if (what != null) {
      throw in.error(start, "piece " + id + what);
    }
    if (id == scores.length) {
      scores = Arrays.copyOf(scores, id * 2);
    }
    scores[id] = score;
    pieces.add(piece);
    kinds.add(kind);
  }

  private @Nullable String check(int id, byte[] piece, float score, Kind kind) {
    if (id >= MAX_PIECES) {
      return ": no model has so many pieces";
    }
    if (piece.length == 0) {
      return " is empty";
    }
    if (piece.length >= LONGEST) {
      return " has " + piece.length + " bytes, which is too long";
    }
    if (!Float.isFinite(score)) {
      return " has a score that is not a finite number";
    }
    for (byte b : piece) {
      if (b == 0) {
        return " contains a zero byte";
      }
    }
    boolean isInText = SentencePieceVocabulary.inText(kind);
    Integer other = (isInText ? inText : reserved).putIfAbsent(ByteBuffer.wrap(piece), id);
    if (other != null) {
      return " is the same as piece " + other;
    }
    if (kind == Kind.UNKNOWN) {
      if (unknown >= 0) {
        return " is unknown, but piece " + unknown + " is already";
      }
      unknown = id;
    }
    if (kind == Kind.BYTE) {
      int value = byteOf(piece);
      if (value < 0) {
        return " is of type byte, but not written like <0xE2>";
      }
      bytes[value] = true;
    }
    return null;
  }

  /** The byte that {@code <0xE2>} stands for, or -1. */
  public static int byteOf(byte[] piece) {
    if (piece.length != 6
        || piece[0] != '<'
        || piece[1] != '0'
        || piece[2] != 'x'
        || piece[5] != '>') {
      return -1;
    }
    int high = digit(piece[3]);
    int low = digit(piece[4]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }

  private static int digit(byte b) {
    return b >= '0' && b <= '9' ? b - '0' : b >= 'A' && b <= 'F' ? b - 'A' + 10 : -1;
  }

  void check(boolean byteFallback) throws IOException {
    if (unknown < 0) {
      throw new IOException(file + ", pieces: none of the " + pieces.size() + " is unknown");
    }
    for (int b = 0; b < bytes.length; b++) {
      if (bytes[b] != byteFallback) {
        throw new IOException(
            String.format(
                byteFallback
                    ? "%s, trainer_spec.byte_fallback: no piece for the byte 0x%02X"
                    : "%s, trainer_spec.byte_fallback is off, but there is a piece for 0x%02X",
                file,
                b));
      }
    }
  }

  /** The id of a control piece, or -1. */
  int control(String piece) {
    Integer id = reserved.get(ByteBuffer.wrap(piece.getBytes(StandardCharsets.UTF_8)));
    return id != null && kinds.get(id) == Kind.CONTROL ? id : -1;
  }

  int unknown() {
    return unknown;
  }

  byte[][] pieces() {
    return pieces.toArray(byte[][]::new);
  }

  float[] scores() {
    return Arrays.copyOf(scores, pieces.size());
  }

  Kind[] kinds() {
    return kinds.toArray(Kind[]::new);
  }
}
