package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.History;
import io.fundamentallm.text.Tokenizer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The sequences of tokens at which a repetition ends, as llama.cpp finds them: each begins with a
 * head, which one of its tails must follow. Immutable and thread-safe.
 */
final class DryBreakers {
  /**
   * The breakers that a spec lists. Texts are searched for in the whole vocabulary, so the last
   * tokenizer's breakers are kept for the next generation. Thread-safe.
   */
  static final class Source {
    private final TokenList list;
    private final boolean onlyWithTokenizer;
    private volatile @Nullable Found found;

    Source(TokenList list, boolean onlyWithTokenizer) {
      this.list = list;
      this.onlyWithTokenizer = onlyWithTokenizer;
    }

    private record Found(Tokenizer tokenizer, DryBreakers breakers) {}

    DryBreakers of(Binding binding) {
      Optional<Tokenizer> tokenizer = binding.tokenizer();
      if (tokenizer.isEmpty()) {
        return new DryBreakers(onlyWithTokenizer ? TokenList.NONE : list, binding);
      }
      Found last = found;
      if (last == null || last.tokenizer() != tokenizer.get()) {
        last = new Found(tokenizer.get(), new DryBreakers(list, binding));
        found = last;
      }
      return last.breakers();
    }
  }

  /** llama.cpp's limit on how many tokens may follow a breaker's head. */
  private static final int LONGEST_TAIL = 20;

  /** Ascending. */
  private final int[] heads;

  private final List<List<int[]>> tails;

  private DryBreakers(TokenList list, Binding binding) {
    TreeMap<Integer, List<int[]>> found = new TreeMap<>();
    for (int i = 0; i < list.size(); i++) {
      String text = list.text(i);
      if (text == null) {
        int[] ids = list.sequence(i, binding);
        add(found, ids[0], Arrays.copyOfRange(ids, 1, ids.length));
      } else {
        addOverlaps(found, text, list.tokenizer(binding));
      }
    }
    heads = found.keySet().stream().mapToInt(Integer::intValue).toArray();
    tails = List.copyOf(found.values());
  }

  private static void add(Map<Integer, List<int[]>> found, int head, int[] tail) {
    List<int[]> known = found.computeIfAbsent(head, key -> new ArrayList<>());
    if (known.stream().noneMatch(other -> Arrays.equals(other, tail))) {
      known.add(tail);
    }
  }

  /** Adds each token that contains the text, or that ends with the text's beginning. */
  private static void addOverlaps(
      Map<Integer, List<int[]>> found, String text, Tokenizer tokenizer) {
    byte[] wanted = text.getBytes(StandardCharsets.UTF_8);
    for (int token = 0; token < tokenizer.vocabulary().size(); token++) {
      byte[] bytes = tokenizer.bytes(token);
      for (int start = 0; start < bytes.length; start++) {
        int overlap = Math.min(wanted.length, bytes.length - start);
        if (Arrays.equals(bytes, start, start + overlap, wanted, 0, overlap)) {
          add(found, token, rest(wanted, overlap, tokenizer));
        }
      }
    }
  }

  private static int[] rest(byte[] wanted, int overlap, Tokenizer tokenizer) {
    String rest = new String(wanted, overlap, wanted.length - overlap, StandardCharsets.UTF_8);
    int[] tail = rest.isEmpty() ? new int[0] : tokenizer.encode(rest);
    return Arrays.copyOf(tail, Math.min(tail.length, LONGEST_TAIL));
  }

  /** Whether a token is a breaker all by itself. */
  boolean isBreaker(int token) {
    List<int[]> known = tails(token);
    for (int i = 0; i < known.size(); i++) {
      if (known.get(i).length == 0) {
        return true;
      }
    }
    return false;
  }

  private List<int[]> tails(int head) {
    int index = Arrays.binarySearch(heads, head);
    return index < 0 ? List.of() : tails.get(index);
  }

  /** How many tokens follow the last breaker, at most {@code length}. */
  int afterLast(History history, int length) {
    if (heads.length == 0) {
      return length;
    }
    for (int back = 0; back < length; back++) {
      int longest = longestTail(history, history.length() - 1 - back, back);
      if (longest >= 0) {
        return back - longest;
      }
    }
    return length;
  }

  private int longestTail(History history, int head, int limit) {
    List<int[]> known = tails(history.token(head));
    int longest = -1;
    for (int i = 0; i < known.size(); i++) {
      int[] tail = known.get(i);
      if (tail.length <= limit && tail.length > longest && follows(history, head, tail)) {
        longest = tail.length;
      }
    }
    return longest;
  }

  private static boolean follows(History history, int head, int[] tail) {
    for (int i = 0; i < tail.length; i++) {
      if (history.token(head + 1 + i) != tail[i]) {
        return false;
      }
    }
    return true;
  }
}
