package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;
import io.fundamentallm.tokenizers.text.ScratchPool;
import io.fundamentallm.tokenizers.text.TextBuffer;
import java.nio.charset.StandardCharsets;

/**
 * BPE whose symbols are written with a prefix inside a word or a suffix at its end, as in CLIP and
 * the original subword-nmt. Merges exactly as the algorithm is written. Immutable and thread-safe.
 */
public final class AffixedBpe implements Model {
  private final ByteStrings strings;
  private final byte[] prefix;
  private final byte[] suffix;
  private final int unk;
  private final boolean fuseUnk;
  private final boolean bytes;
  private final ScratchPool<Scratch> pool;

  /**
   * A model.
   *
   * @param prefix before each symbol of a piece but the first
   * @param suffix after the last symbol of a piece
   * @param unk what stands for an unknown symbol; -1 to leave it out
   * @param fuseUnk whether several in a row become one
   * @param bytes whether symbols are bytes, not characters
   */
  public AffixedBpe(
      ByteStrings strings,
      PairTable merges,
      String prefix,
      String suffix,
      int unk,
      boolean fuseUnk,
      boolean bytes) {
    this.strings = strings;
    this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
    this.suffix = suffix.getBytes(StandardCharsets.UTF_8);
    this.unk = unk;
    this.fuseUnk = fuseUnk;
    this.bytes = bytes;
    pool = new ScratchPool<>(() -> new Scratch(new Merger(strings, merges), new TextBuffer()));
  }

  private record Scratch(Merger merger, TextBuffer symbol) {}

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    Scratch scratch = pool.acquire();
    Merger merger = scratch.merger;
    for (int p = 0; p < pieces.count(); p++) {
      addSymbols(text, pieces.start(p), pieces.end(p), scratch);
      merger.merge(text);
      for (int i = 0; i < merger.count(); i++) {
        out.add(merger.id(i), merger.start(i), merger.end(i));
      }
    }
    pool.release(scratch);
  }

  private void addSymbols(byte[] text, int from, int to, Scratch scratch) {
    Merger merger = scratch.merger;
    merger.clear();
    boolean afterUnknown = false;
    for (int at = from; at < to; ) {
      int end = at + (bytes ? 1 : TextBuffer.sizeAt(text, at));
      TextBuffer symbol = scratch.symbol;
      symbol.clear(false);
      if (at > from) {
        add(symbol, prefix, 0, prefix.length);
      }
      add(symbol, text, at, end);
      if (end == to) {
        add(symbol, suffix, 0, suffix.length);
      }
      int length = symbol.length();
      int id = strings.find(symbol.reserve(ByteStrings.SLACK), 0, length);
      if (id >= 0) {
        merger.add(id, at, end);
      } else if (unk >= 0 && afterUnknown && fuseUnk) {
        merger.extend(end);
      } else if (unk >= 0) {
        merger.add(unk, at, end);
      }
      afterUnknown = id < 0;
      at = end;
    }
  }

  private static void add(TextBuffer symbol, byte[] bytes, int from, int to) {
    for (int i = from; i < to; i++) {
      symbol.add(bytes[i], 0, 0);
    }
  }
}
