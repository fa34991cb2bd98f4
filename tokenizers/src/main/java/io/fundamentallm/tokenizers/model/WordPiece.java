package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Each piece is cut from left to right into the longest tokens there are, all but the first of
 * which begin with a prefix such as {@code ##} in the vocabulary; a piece that cannot be cut this
 * way is one unknown token. The rules are those of Hugging Face's {@code models/wordpiece/mod.rs}.
 * Immutable and thread-safe.
 */
public final class WordPiece implements Model {
  private final ByteStrings vocabulary;
  private final UnigramTrie first;

  /** Tokens that continue a word, without the prefix. */
  private final UnigramTrie continuing;

  private final int unknown;
  private final int maxCharacters;

  /**
   * A model; without an unknown token, -1, unknown pieces are an error.
   *
   * @param maxCharacters a piece with more code points is unknown
   */
  public WordPiece(
      ByteStrings vocabulary, int unknown, String continuingPrefix, int maxCharacters) {
    this.vocabulary = vocabulary;
    this.maxCharacters = maxCharacters;
    this.unknown = unknown;
    byte[] prefix = continuingPrefix.getBytes(StandardCharsets.UTF_8);
    byte[][] strings = new byte[vocabulary.size()][];
    byte[][] rests = new byte[strings.length][];
    int[] ids = new int[strings.length];
    int[] continuingIds = new int[strings.length];
    int count = 0;
    int continuingCount = 0;
    for (int id = 0; id < strings.length; id++) {
      byte[] bytes = vocabulary.bytes(id);
      strings[id] = bytes;
      rests[id] = bytes;
      byte[] text = Arrays.copyOf(bytes, bytes.length + ByteStrings.SLACK);
      // hidden strings and repeated ones are not found by their own bytes
      if (bytes.length == 0 || vocabulary.find(text, 0, bytes.length) != id) {
        continue;
      }
      ids[count++] = id;
      if (bytes.length > prefix.length
          && Arrays.equals(prefix, 0, prefix.length, bytes, 0, prefix.length)) {
        rests[id] = Arrays.copyOfRange(bytes, prefix.length, bytes.length);
        continuingIds[continuingCount++] = id;
      }
    }
    first = UnigramTrie.of(strings, Arrays.copyOf(ids, count));
    continuing = UnigramTrie.of(rests, Arrays.copyOf(continuingIds, continuingCount));
  }

  @Override
  public void encode(byte[] text, Pieces pieces, TokenSink out) {
    for (int i = 0, count = pieces.count(); i < count; i++) {
      int start = pieces.start(i);
      int end = pieces.end(i);
      boolean tooLong = end - start > maxCharacters && characters(text, start, end) > maxCharacters;
      int id = tooLong ? -1 : vocabulary.find(text, start, end);
      if (id >= 0) {
        out.add(id, start, end);
      } else if (tooLong || !cut(text, start, end, out)) {
        if (unknown < 0) {
          throw new UnknownTextException(start, end);
        }
        out.add(unknown, start, end);
      }
    }
  }

  private boolean cut(byte[] text, int start, int end, TokenSink out) {
    int before = out.length();
    UnigramTrie trie = first;
    for (int at = start; at < end; ) {
      long node = trie.root();
      int id = -1;
      int to = at;
      for (int k = at; k < end; ) {
        node = trie.next(node, text[k]);
        if (UnigramTrie.isNone(node)) {
          break;
        }
        k++;
        int found = UnigramTrie.id(node);
        if (found >= 0) {
          id = found;
          to = k;
        }
      }
      if (id < 0) {
        out.length(before);
        return false;
      }
      out.add(id, at, to);
      at = to;
      trie = continuing;
    }
    return true;
  }

  private static int characters(byte[] text, int start, int end) {
    int count = 0;
    for (int i = start; i < end; i++) {
      // every byte but the continuing ones begins a character
      count += (text[i] & 0xC0) == 0x80 ? 0 : 1;
    }
    return count;
  }
}
