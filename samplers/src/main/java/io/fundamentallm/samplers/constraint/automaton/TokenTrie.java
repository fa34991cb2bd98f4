package io.fundamentallm.samplers.constraint.automaton;

import com.google.common.cache.CacheBuilder;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.text.Tokenizer;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The bytes of all tokens that are text, as a tree: common beginnings are read once. Built once for
 * each tokenizer. Immutable and thread-safe.
 */
public final class TokenTrie {
  private static final byte[] NO_BYTES = {};
  private static final Map<Tokenizer, Map<Map<Integer, Integer>, Pair>> KNOWN =
      CacheBuilder.newBuilder()
          .weakKeys()
          .<Tokenizer, Map<Map<Integer, Integer>, Pair>>build()
          .asMap();

  /**
   * The two trees of a tokenizer.
   *
   * @param first for the first token of a text, from which decoding may strip a space
   * @param inner for all others; the same object if there is no difference
   */
  public record Pair(TokenTrie first, TokenTrie inner) {}

  /** [V] empty if a token is not text. */
  private final byte[][] bytes;

  /** [nodes] in depth-first order, the root left out. */
  private final byte[] labels;

  /** [nodes] how many bytes lead to it, this one included. */
  private final int[] depths;

  /** [nodes] the next node that is not below this one. */
  private final int[] skips;

  /** [nodes] where its tokens begin in {@link #tokens}; they end where those of the next begin. */
  private final int[] from;

  /** Tokens in the order of their bytes. */
  private final int[] tokens;

  private final int longest;

  /** [nodes] the most quotes, from this node on, in a token that it leads to; at most 3. */
  private final byte[] quotes;

  private TokenTrie(byte[][] bytes) {
    this.bytes = bytes;
    tokens = sorted(bytes);
    int nodes = 0;
    int deepest = 0;
    byte[] before = {};
    for (int token : tokens) {
      byte[] word = bytes[token];
      nodes += word.length - common(before, word);
      deepest = Math.max(deepest, word.length);
      before = word;
    }
    longest = deepest;
    labels = new byte[nodes];
    depths = new int[nodes];
    skips = new int[nodes];
    from = new int[nodes + 1];
    fill();
    quotes = new byte[nodes];
    byte[] below = new byte[longest + 2];
    for (int node = nodes - 1; node >= 0; node--) {
      int depth = depths[node];
      quotes[node] = (byte) Math.min(3, below[depth + 1] + (labels[node] == '"' ? 1 : 0));
      below[depth] = (byte) Math.max(below[depth], quotes[node]);
      below[depth + 1] = 0;
    }
  }

  public static Pair of(Tokenizer tokenizer) {
    return of(tokenizer, Map.of());
  }

  /**
   * The trees of a tokenizer with some special tokens among the text.
   *
   * @param markers for each of these tokens the byte that stands for it; one that UTF-8 does not
   *     have, so that no text can be taken for it: tokens with such a byte are left out
   */
  public static Pair of(Tokenizer tokenizer, Map<Integer, Integer> markers) {
    return KNOWN
        .computeIfAbsent(tokenizer, key -> new ConcurrentHashMap<>())
        .computeIfAbsent(Map.copyOf(markers), key -> build(tokenizer, key));
  }

  private static Pair build(Tokenizer tokenizer, Map<Integer, Integer> markers) {
    int size = tokenizer.vocabulary().size();
    Set<Integer> special = tokenizer.vocabulary().special();
    byte[][] inner = new byte[size][];
    byte[][] first = new byte[size][];
    boolean same = true;
    for (int token = 0; token < size; token++) {
      Interruption.check();
      boolean isText = !special.contains(token);
      Integer marker = markers.get(token);
      if (marker != null) {
        inner[token] = new byte[] {marker.byteValue()};
        first[token] = inner[token];
        continue;
      }
      inner[token] = isText ? without(markers, tokenizer.bytes(token)) : NO_BYTES;
      first[token] = isText ? without(markers, tokenizer.bytes(token, -1)) : NO_BYTES;
      same &= Arrays.equals(inner[token], first[token]);
    }
    TokenTrie trie = new TokenTrie(inner);
    return new Pair(same ? trie : new TokenTrie(first), trie);
  }

  private static byte[] without(Map<Integer, Integer> markers, byte[] bytes) {
    for (int i = 0; i < bytes.length && !markers.isEmpty(); i++) {
      if (markers.containsValue(bytes[i] & 0xFF)) {
        return NO_BYTES;
      }
    }
    return bytes;
  }

  private static int[] sorted(byte[][] bytes) {
    Integer[] order = new Integer[bytes.length];
    int n = 0;
    for (int token = 0; token < bytes.length; token++) {
      // a token without text would never bring the text closer to its end
      if (bytes[token].length > 0) {
        order[n++] = token;
      }
    }
    Arrays.sort(order, 0, n, (x, y) -> Arrays.compareUnsigned(bytes[x], bytes[y]));
    int[] sorted = new int[n];
    Arrays.setAll(sorted, i -> order[i]);
    return sorted;
  }

  private static int common(byte[] before, byte[] word) {
    int mismatch = Arrays.mismatch(before, word);
    return mismatch < 0 ? word.length : mismatch;
  }

  private void fill() {
    int[] path = new int[longest + 1];
    int nodes = 0;
    int open = 0;
    byte[] before = {};
    for (int t = 0; t < tokens.length; t++) {
      Interruption.check();
      byte[] word = bytes[tokens[t]];
      int shared = common(before, word);
      while (open > shared) {
        skips[path[open--]] = nodes;
      }
      while (open < word.length) {
        labels[nodes] = word[open];
        depths[nodes] = ++open;
        from[nodes] = t;
        path[open] = nodes++;
      }
      from[nodes] = t + 1;
      before = word;
    }
    while (open > 0) {
      skips[path[open--]] = nodes;
    }
  }

  /** The length of the longest token, at least 1. */
  public int longest() {
    return Math.max(1, longest);
  }

  /** The bytes of a token; empty if it is not text. */
  public byte[] bytes(int token) {
    return token < 0 || token >= bytes.length ? NO_BYTES : bytes[token];
  }

  /**
   * Sets the bit of each token that can be read from a state; false if the stack was cut too short
   * to tell.
   *
   * @throws ConstraintException if that takes too many steps: see {@link Machine#begin}
   * @throws java.util.concurrent.CancellationException if the thread was interrupted
   */
  boolean collect(Machine machine, State state, long[] mask) {
    State[] path = new State[longest + 1];
    path[0] = state;
    int node = 0;
    while (node < labels.length) {
      Interruption.check();
      if (machine.isFull()) {
        machine.forget(); // the path is all that the walk needs
      }
      int depth = depths[node];
      State after = machine.step(path[depth - 1], labels[node] & 0xFF);
      if (after == null) {
        node = skips[node];
        continue;
      }
      for (int t = from[node]; t < from[node + 1]; t++) {
        int token = tokens[t];
        if (token >> 6 < mask.length) {
          mask[token >> 6] |= 1L << token;
        }
      }
      if (after.seesHorizon && skips[node] > node + 1) {
        return false;
      }
      path[depth] = after;
      node++;
    }
    return true;
  }

  /**
   * A mask without the tokens by which an object of a JSON text would have a name twice; the same
   * mask if there are none. It looks only at the beginnings of existing names, and at tokens with
   * enough quotes.
   */
  long[] distinct(TextNames names, long[] mask) {
    long[] rest = mask;
    TextNames[] path = new TextNames[longest + 1];
    path[0] = names;
    int node = 0;
    while (node < labels.length) {
      Interruption.check();
      int depth = depths[node];
      TextNames before = path[depth - 1];
      if (quotes[node] < before.quotesToRepeat()) {
        node = skips[node];
        continue;
      }
      TextNames after = before.after(labels[node] & 0xFF);
      if (after == null) {
        for (int t = from[node]; t < from[skips[node]]; t++) {
          rest = without(tokens[t], rest, mask);
        }
        node = skips[node];
      } else {
        path[depth] = after;
        node++;
      }
    }
    return rest;
  }

  private static long[] without(int token, long[] rest, long[] mask) {
    boolean there = token >> 6 < rest.length && (rest[token >> 6] >>> token & 1) != 0;
    long[] changed = there && rest == mask ? mask.clone() : rest;
    if (there) {
      changed[token >> 6] &= ~(1L << token);
    }
    return changed;
  }

  /** The longest token that a run begins with, the one with the lowest id; -1 for none. */
  public int longestPrefix(byte[] run) {
    int found = -1;
    int node = 0;
    int end = labels.length;
    for (int i = 0; i < run.length; i++) {
      while (node < end && labels[node] != run[i]) {
        node = skips[node];
      }
      if (node >= end) {
        return found;
      }
      if (from[node] < from[node + 1]) {
        found = tokens[from[node]];
      }
      end = skips[node];
      node++;
    }
    return found;
  }
}
