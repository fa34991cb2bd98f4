package io.fundamentallm.samplers;

import static java.math.RoundingMode.CEILING;

import com.google.common.math.IntMath;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tokens, and sequences of tokens, as a spec lists them; the package description has the notation.
 * Immutable and thread-safe.
 */
final class TokenList {
  /** Without a token. */
  static final TokenList NONE = new TokenList("", "", List.of());

  private static final String NOTATION = "a list such as 1;4;1+0;'text'";
  private static final String WEIGHTED_NOTATION = "a list such as 1:100;1+0:-2.5;'text':-inf";

  private record Item(int[] ids, @Nullable String text, double weight, String written) {}

  private final String stage;
  private final String option;
  private final List<Item> items;

  private TokenList(String stage, String option, List<Item> items) {
    this.stage = stage;
    this.option = option;
    this.items = items;
  }

  /**
   * Reads a required option.
   *
   * @throws IllegalArgumentException naming stage, option and notation
   */
  static TokenList of(Options options, String option) {
    return new Parser(options, option, false).list();
  }

  /** Reads a required option whose every item has a number; see {@link #weight}. */
  static TokenList weighted(Options options, String option) {
    return new Parser(options, option, true).list();
  }

  int size() {
    return items.size();
  }

  /** The number of an item. */
  double weight(int item) {
    return items.get(item).weight();
  }

  /** The text of an item; null if it is given by ids. */
  @Nullable String text(int item) {
    return items.get(item).text();
  }

  /** The tokenizer that a text needs. */
  Tokenizer tokenizer(Binding binding) {
    return binding.requireTokenizer(stage);
  }

  /** The tokens of one item; errors as for {@link #sequences}. */
  int[] sequence(int item, Binding binding) {
    return encode(items.get(item), binding);
  }

  /**
   * The tokens of each item.
   *
   * @throws IllegalArgumentException for an id that the model lacks, or a text that is not a token
   */
  int[][] sequences(Binding binding) {
    int[][] sequences = new int[items.size()][];
    for (int i = 0; i < sequences.length; i++) {
      sequences[i] = encode(items.get(i), binding);
    }
    return sequences;
  }

  /**
   * The one token of each item.
   *
   * @throws IllegalArgumentException also for an item of several tokens
   */
  int[] tokens(Binding binding) {
    int[] tokens = new int[items.size()];
    for (int i = 0; i < tokens.length; i++) {
      int[] sequence = encode(items.get(i), binding);
      if (sequence.length != 1) {
        throw wrong(
            items.get(i),
            "is " + sequence.length + " tokens, expected one" + special(items.get(i), binding));
      }
      tokens[i] = sequence[0];
    }
    return tokens;
  }

  /** As {@link #tokens}, with bit {@code t % 64} of word {@code t / 64} for token t. */
  long[] mask(Binding binding) {
    long[] mask = new long[IntMath.divide(binding.model().vocabularySize(), Long.SIZE, CEILING)];
    for (int token : tokens(binding)) {
      mask[token / Long.SIZE] |= 1L << token;
    }
    return mask;
  }

  /** Whether a {@link #mask} holds a token of the vocabulary. */
  static boolean isSet(long[] mask, int token) {
    return (mask[token / Long.SIZE] >>> token & 1) != 0;
  }

  private int[] encode(Item item, Binding binding) {
    int[] tokens =
        item.text() == null ? item.ids() : binding.requireTokenizer(stage).encode(item.text());
    if (tokens.length == 0) {
      throw wrong(item, "is no token");
    }
    for (int token : tokens) {
      if (token >= binding.model().vocabularySize()) {
        throw wrong(
            item,
            "is outside the model's vocabulary of " + binding.model().vocabularySize() + " tokens");
      }
    }
    return tokens;
  }

  /** A text is never a special token, though it may look like one. */
  private static String special(Item item, Binding binding) {
    if (item.text() == null) {
      return "";
    }
    Vocabulary vocabulary = binding.tokenizer().orElseThrow().vocabulary();
    return vocabulary.special().stream()
        .filter(id -> vocabulary.token(id).equals(item.text()))
        .map(id -> "; a text is no special token: for that one write its id, " + id)
        .findFirst()
        .orElse("");
  }

  private IllegalArgumentException wrong(Item item, String what) {
    return new IllegalArgumentException(
        "stage \"" + stage + "\", option \"" + option + "\": " + item.written() + " " + what);
  }

  private static final class Parser {
    private final Options options;
    private final String option;
    private final String text;
    private final boolean weighted;
    private int at;

    Parser(Options options, String option, boolean weighted) {
      this.options = options;
      this.option = option;
      this.text = options.text(option);
      this.weighted = weighted;
    }

    TokenList list() {
      List<Item> items = new ArrayList<>();
      do {
        items.add(item());
      } while (take(';'));
      if (at < text.length()) {
        throw bad();
      }
      return new TokenList(options.stage(), option, List.copyOf(items));
    }

    private Item item() {
      int start = at;
      String quoted = take('\'') ? quoted() : null;
      int[] ids = quoted == null ? ids() : new int[0];
      String written = text.substring(start, at);
      if (weighted != take(':')) {
        throw bad();
      }
      return new Item(ids, quoted, weighted ? number() : 0, written);
    }

    private String quoted() {
      int begin = at;
      StringBuilder value = new StringBuilder();
      while (at < text.length()) {
        char c = text.charAt(at++);
        if (c != '\'') {
          value.append(c);
        } else if (take('\'')) {
          value.append(c);
        } else if (hasHalfOfPair(value)) {
          throw options.bad(
              option,
              text,
              "of whole characters: the text at index " + begin + " has half of a surrogate pair");
        } else {
          return value.toString();
        }
      }
      throw bad();
    }

    private static boolean hasHalfOfPair(CharSequence text) {
      return text.codePoints()
          .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE);
    }

    private int[] ids() {
      List<Integer> ids = new ArrayList<>();
      do {
        int start = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
          at++;
        }
        if (at == start || at - start > 9) {
          throw bad();
        }
        ids.add(Integer.parseInt(text.substring(start, at)));
      } while (take('+'));
      return ids.stream().mapToInt(Integer::intValue).toArray();
    }

    private double number() {
      int end = text.indexOf(';', at);
      String number = text.substring(at, end < 0 ? text.length() : end);
      at += number.length();
      if (number.equals("-inf")) {
        return Double.NEGATIVE_INFINITY;
      }
      try {
        double value = Options.decimal(number);
        if (Double.isFinite(value)) {
          return value;
        }
      } catch (NumberFormatException e) {
        // reported below, like a number that is not finite
      }
      throw bad();
    }

    private boolean take(char c) {
      if (at < text.length() && text.charAt(at) == c) {
        at++;
        return true;
      }
      return false;
    }

    private IllegalArgumentException bad() {
      return options.bad(option, text, weighted ? WEIGHTED_NOTATION : NOTATION);
    }
  }
}
