package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.sentencepiece.SentencePieceModel.Kind;
import io.fundamentallm.tokenizers.text.PrecompiledCharsmap;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Reads a SentencePiece {@code .model} file: the protocol buffer message {@code ModelProto} of
 * sentencepiece_model.proto, whose field numbers are here. Unknown fields are skipped.
 */
public final class SentencePieceReader {
  /** Models with 256,000 pieces have 5 MB. */
  private static final int MAX_BYTES = 64 << 20;

  private static final int PIECES = 1 << 3 | SentencePieceWire.BYTES;
  private static final int TRAINER = 2 << 3 | SentencePieceWire.BYTES;
  private static final int NORMALIZER = 3 << 3 | SentencePieceWire.BYTES;
  private static final int DENORMALIZER = 5 << 3 | SentencePieceWire.BYTES;

  private static final int MODEL_TYPE = 3 << 3 | SentencePieceWire.VARINT;
  private static final int WHITESPACE_AS_SUFFIX = 24 << 3 | SentencePieceWire.VARINT;
  private static final int BYTE_FALLBACK = 35 << 3 | SentencePieceWire.VARINT;
  private static final int UNKNOWN_SURFACE = 44 << 3 | SentencePieceWire.BYTES;
  private static final int BOS_PIECE = 46 << 3 | SentencePieceWire.BYTES;
  private static final int EOS_PIECE = 47 << 3 | SentencePieceWire.BYTES;
  private static final int PAD_PIECE = 48 << 3 | SentencePieceWire.BYTES;

  private static final int CHARSMAP = 2 << 3 | SentencePieceWire.BYTES;
  private static final int DUMMY_PREFIX = 3 << 3 | SentencePieceWire.VARINT;
  private static final int EXTRA_WHITESPACES = 4 << 3 | SentencePieceWire.VARINT;
  private static final int ESCAPE_WHITESPACES = 5 << 3 | SentencePieceWire.VARINT;

  private final SentencePiecePieces pieces;
  private SentencePieceModel.Type type = SentencePieceModel.Type.UNIGRAM;
  private boolean whitespaceIsSuffix;
  private boolean byteFallback;
  private String unknownSurface = " \u2047 ";
  private String bos = "<s>";
  private String eos = "</s>";
  private String pad = "<pad>";
  private SentencePieceRules normalizer = SentencePieceRules.DEFAULT;
  private @Nullable SentencePieceRules denormalizer;

  private SentencePieceReader(String file) {
    pieces = new SentencePiecePieces(file);
  }

  /** The bytes of a file; if it is too large, one more than can be parsed. */
  static byte[] bytes(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(MAX_BYTES + 1);
    } catch (NoSuchFileException e) {
      throw new IOException(file + " does not exist", e);
    }
  }

  /** Reads a file's bytes; the name is for messages. */
  public static SentencePieceModel parse(String file, byte[] bytes) throws IOException {
    if (bytes.length > MAX_BYTES) {
      throw new IOException(file + ", byte " + MAX_BYTES + ": no such model is larger than this");
    }
    return new SentencePieceReader(file).model(new SentencePieceWire(file, bytes));
  }

  private SentencePieceModel model(SentencePieceWire in) throws IOException {
    while (in.hasMore()) {
      int tag = in.tag();
      switch (tag) {
        case PIECES -> pieces.add(in.message());
        case TRAINER -> trainer(in.message());
        case NORMALIZER -> normalizer = rules(in.message(), normalizer);
        case DENORMALIZER ->
            denormalizer =
                rules(
                    in.message(), denormalizer == null ? SentencePieceRules.DEFAULT : denormalizer);
        default -> in.skip(tag);
      }
    }
    pieces.check(byteFallback);
    Kind[] kinds = pieces.kinds();
    // SentencePiece leaves a decoded text alone unless there are replacements
    boolean denormalizes = denormalizer != null && denormalizer.charsmap() != null;
    return new SentencePieceModel(
        type,
        pieces.pieces(),
        pieces.scores(),
        kinds,
        byteFallback,
        pieces.unknown(),
        pieces.control(bos),
        pieces.control(eos),
        pieces.control(pad),
        unknownSurface,
        whitespaceIsSuffix,
        normalizer,
        denormalizes ? denormalizer : null);
  }

  private void trainer(SentencePieceWire in) throws IOException {
    while (in.hasMore()) {
      int tag = in.tag();
      int at = in.at();
      switch (tag) {
        case MODEL_TYPE -> {
          long value = in.varint();
          SentencePieceModel.Type found = SentencePieceModel.Type.of(value);
          if (found == null) {
            throw in.error(at, "there is no model type " + value);
          }
          type = found;
        }
        case WHITESPACE_AS_SUFFIX -> whitespaceIsSuffix = in.bool();
        case BYTE_FALLBACK -> byteFallback = in.bool();
        case UNKNOWN_SURFACE -> unknownSurface = in.text();
        case BOS_PIECE -> bos = in.text();
        case EOS_PIECE -> eos = in.text();
        case PAD_PIECE -> pad = in.text();
        default -> in.skip(tag);
      }
    }
  }

  private static SentencePieceRules rules(SentencePieceWire in, SentencePieceRules before)
      throws IOException {
    PrecompiledCharsmap charsmap = before.charsmap();
    boolean prefix = before.addDummyPrefix();
    boolean extra = before.removeExtraWhitespaces();
    boolean escape = before.escapeWhitespaces();
    while (in.hasMore()) {
      int tag = in.tag();
      int at = in.at();
      switch (tag) {
        case CHARSMAP -> {
          byte[] blob = in.bytes();
          try {
            charsmap = blob.length == 0 ? null : new PrecompiledCharsmap(blob);
          } catch (IllegalArgumentException e) {
            throw new IOException(in.error(at, String.valueOf(e.getMessage())).getMessage(), e);
          }
        }
        case DUMMY_PREFIX -> prefix = in.bool();
        case EXTRA_WHITESPACES -> extra = in.bool();
        case ESCAPE_WHITESPACES -> escape = in.bool();
        default -> in.skip(tag);
      }
    }
    return new SentencePieceRules(charsmap, prefix, extra, escape);
  }
}
