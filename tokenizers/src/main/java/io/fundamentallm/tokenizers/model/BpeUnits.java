package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.text.TextBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The symbols that a BPE model begins with: bytes, or characters with a rule for unknown ones.
 * Immutable and thread-safe.
 */
public final class BpeUnits {
  private final @Nullable ByteStrings characters;
  private final int[] byteIds;
  private final int unk;
  private final boolean fuseUnk;
  private final boolean allKnown;

  private BpeUnits(@Nullable ByteStrings characters, int[] byteIds, int unk, boolean fuseUnk) {
    this.characters = characters;
    this.byteIds = byteIds;
    this.unk = unk;
    this.fuseUnk = fuseUnk;
    boolean known = characters == null;
    for (int id : byteIds) {
      known &= id >= 0;
    }
    allKnown = known;
  }

  /**
   * Bytes.
   *
   * @param ids the id of each byte; -1 if it has none
   * @param unk what stands for one that has none; -1 to leave it out
   */
  public static BpeUnits bytes(int[] ids, int unk, boolean fuseUnk) {
    return new BpeUnits(null, ids.clone(), unk, fuseUnk);
  }

  /**
   * Characters.
   *
   * @param fallback the id of each byte, for characters that are not tokens; empty without fallback
   * @param unk what stands for a character that is not a token and has no fallback; -1 to leave it
   *     out
   * @param fuseUnk whether several of these in a row become one
   */
  public static BpeUnits characters(ByteStrings tokens, int[] fallback, int unk, boolean fuseUnk) {
    return new BpeUnits(tokens, fallback.clone(), unk, fuseUnk);
  }

  /** Whether the symbols are bytes. */
  boolean bytes() {
    return characters == null;
  }

  /** Whether there is no unknown symbol. */
  boolean allKnown() {
    return allKnown;
  }

  /** Whether an unknown character may leave nothing, so that its neighbours meet. */
  boolean mayDropUnknown() {
    if (unk >= 0 || allKnown) {
      return false;
    }
    boolean fallback = characters != null && byteIds.length > 0;
    for (int id : byteIds) {
      fallback &= id >= 0;
    }
    return !fallback;
  }

  int sizeAt(byte[] text, int at) {
    return characters == null ? 1 : TextBuffer.sizeAt(text, at);
  }

  boolean isKnown(byte[] text, int from, int to) {
    return characters == null
        ? byteIds[text[from] & 0xFF] >= 0
        : characters.find(text, from, to) >= 0;
  }

  /** Whether no merge uses the token for unknown characters. */
  boolean unknownNeverMerges(PairTable pairs) {
    if (allKnown) {
      return true;
    }
    return pairs.all((left, right) -> !isFallback(left) && !isFallback(right));
  }

  private boolean isFallback(int id) {
    if (id == unk) {
      return true;
    }
    if (characters != null) {
      for (int b : byteIds) {
        if (b == id) {
          return true;
        }
      }
    }
    return false;
  }

  /**
   * Adds the symbols of a stretch, as Hugging Face's merge_word does (tokenizers,
   * models/bpe/model.rs): fallback bytes come before an unknown token that is still open.
   */
  void addAll(byte[] text, int from, int to, Merger merger) {
    if (characters == null && allKnown) {
      for (int i = from; i < to; i++) {
        merger.add(byteIds[text[i] & 0xFF], i, i + 1);
      }
      return;
    }
    int unkStart = -1;
    int unkEnd = -1;
    for (int i = from; i < to; ) {
      int size = sizeAt(text, i);
      int id = characters == null ? byteIds[text[i] & 0xFF] : characters.find(text, i, i + size);
      if (id >= 0) {
        if (unkStart >= 0) {
          merger.add(unk, unkStart, unkEnd);
          unkStart = -1;
        }
        merger.add(id, i, i + size);
      } else if (characters != null && hasFallback(text, i, size)) {
        for (int k = i; k < i + size; k++) {
          // each byte token has the range of the whole character, which cannot be cut
          merger.add(byteIds[text[k] & 0xFF], i, i + size);
        }
      } else if (unk >= 0) {
        if (unkStart >= 0 && !fuseUnk) {
          merger.add(unk, unkStart, unkEnd);
          unkStart = -1;
        }
        unkStart = unkStart < 0 ? i : unkStart;
        unkEnd = i + size;
      }
      i += size;
    }
    if (unkStart >= 0) {
      merger.add(unk, unkStart, unkEnd);
    }
  }

  private boolean hasFallback(byte[] text, int at, int size) {
    if (byteIds.length == 0) {
      return false;
    }
    for (int i = at; i < at + size; i++) {
      if (byteIds[text[i] & 0xFF] < 0) {
        return false;
      }
    }
    return true;
  }
}
