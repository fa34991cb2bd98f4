package io.fundamentallm.tokenizers.sentencepiece;

import io.fundamentallm.tokenizers.model.Model;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a SentencePiece {@code .model} file says, as far as encoding and decoding depend on it. The
 * arrays are shared, not copied: read only.
 *
 * @param type how text is segmented
 * @param pieces their UTF-8, by id
 * @param scores by id
 * @param kinds by id
 * @param byteFallback whether unknown characters become the pieces of their bytes
 * @param unknown the id of the unknown piece
 * @param bos the id of the piece that begins a text, or -1
 * @param eos the id of the piece that ends a text, or -1
 * @param pad the id of the piece that fills up, or -1
 * @param unknownSurface what the unknown piece decodes to
 * @param whitespaceIsSuffix whether a word's white space is after it
 * @param normalizer what happens to a text before it is segmented
 * @param denormalizer what happens to a decoded text, or null
 */
public record SentencePieceModel(
    Type type,
    byte[][] pieces,
    float[] scores,
    Kind[] kinds,
    boolean byteFallback,
    int unknown,
    int bos,
    int eos,
    int pad,
    String unknownSurface,
    boolean whitespaceIsSuffix,
    SentencePieceRules normalizer,
    @Nullable SentencePieceRules denormalizer) {

  /** Kinds of models, {@code TrainerSpec.ModelType} of sentencepiece_model.proto. */
  public enum Type {
    /** The likeliest segmentation. */
    UNIGRAM,
    /** The best pair is joined first. */
    BPE,
    /** Words are pieces. */
    WORD,
    /** Characters are pieces. */
    CHAR;

    public static @Nullable Type of(long value) {
      return value == 1 ? UNIGRAM : value == 2 ? BPE : value == 3 ? WORD : value == 4 ? CHAR : null;
    }
  }

  /** Kinds of pieces, {@code ModelProto.SentencePiece.Type} of sentencepiece_model.proto. */
  public enum Kind {
    /** Found in text. */
    NORMAL,
    /** Stands for what no piece is found for. */
    UNKNOWN,
    /** Never found in text, and decoded to nothing. */
    CONTROL,
    /** Found in text before any other piece, and kept as it is written. */
    USER_DEFINED,
    /** Not used, but its parts are joined on the way to other pieces. */
    UNUSED,
    /** Stands for a byte of an unknown character. */
    BYTE;

    public static @Nullable Kind of(long value) {
      if (value < 1 || value > 6) {
        return null;
      }
      return switch ((int) value) {
        case 1 -> NORMAL;
        case 2 -> UNKNOWN;
        case 3 -> CONTROL;
        case 4 -> USER_DEFINED;
        case 5 -> UNUSED;
        default -> BYTE;
      };
    }
  }

  /** How many pieces there are. */
  public int size() {
    return pieces.length;
  }

  /** What segments text that {@link SentencePieceNormalizer} wrote. */
  public Model segmenter() {
    return switch (type) {
      case UNIGRAM -> new SentencePieceUnigram(this);
      case BPE -> new SentencePieceBpe(this);
      case WORD, CHAR -> new SentencePieceUnits(this);
    };
  }

  /** The same with other kinds of pieces. */
  SentencePieceModel withKinds(Kind[] other) {
    return new SentencePieceModel(
        type,
        pieces,
        scores,
        other,
        byteFallback,
        unknown,
        bos,
        eos,
        pad,
        unknownSurface,
        whitespaceIsSuffix,
        normalizer,
        denormalizer);
  }

  /** A piece as text. */
  public String piece(int id) {
    return new String(pieces[id], StandardCharsets.UTF_8);
  }
}
