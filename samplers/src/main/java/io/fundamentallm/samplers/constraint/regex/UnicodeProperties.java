package io.fundamentallm.samplers.constraint.regex;

import static java.util.stream.Collectors.toMap;

import com.google.common.collect.ImmutableRangeSet;
import com.google.common.collect.Range;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The characters that {@code \p{…}} means, by the names that {@code java.util.regex} knows. Each
 * property is computed once, however it is spelled: there are only several hundred. Blocks and
 * scripts, which are most of them, are found all at once. Thread-safe.
 */
public final class UnicodeProperties {
  private static final Map<String, ImmutableRangeSet<Integer>> KNOWN = new ConcurrentHashMap<>();

  private static volatile @Nullable Map<Object, ImmutableRangeSet<Integer>> blocks;
  private static volatile @Nullable Map<Object, ImmutableRangeSet<Integer>> scripts;

  private UnicodeProperties() {}

  /**
   * The characters of a property, surrogates left out.
   *
   * @param name what is between the braces
   * @throws IllegalArgumentException if {@code java.util.regex} does not know it
   */
  public static ImmutableRangeSet<Integer> named(String name) {
    Pattern pattern = Pattern.compile("\\p{" + name + "}+");
    int equals = name.indexOf('=');
    String kind = equals < 0 ? "" : name.substring(0, equals).toLowerCase(Locale.ENGLISH);
    String value = name.substring(equals + 1);
    if (kind.equals("blk") || kind.equals("block")) {
      return block(value);
    } else if (kind.equals("sc") || kind.equals("script")) {
      return script(value);
    } else if (kind.isEmpty() && name.startsWith("In")) {
      return block(name.substring(2));
    }
    if (kind.isEmpty() && name.startsWith("Is") && isScript(name.substring(2))) {
      return script(name.substring(2));
    }
    String one = kind.isEmpty() ? unified(name) : "gc=" + value;
    ImmutableRangeSet<Integer> known = KNOWN.get(one);
    if (known == null) {
      known = matching(pattern);
      KNOWN.put(one, known);
    }
    return known;
  }

  /** How many properties are remembered that are neither blocks nor scripts. */
  public static int remembered() {
    return KNOWN.size();
  }

  /** The spelling that stands for all of them: case matters only in some names. */
  private static String unified(String name) {
    if (!name.startsWith("Is")) {
      return name;
    }
    String upper = "Is" + name.substring(2).toUpperCase(Locale.ROOT);
    try {
      Pattern.compile("\\p{" + upper + "}");
      return upper;
    } catch (IllegalArgumentException e) {
      return name;
    }
  }

  private static boolean isScript(String name) {
    try {
      Character.UnicodeScript.forName(name);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static ImmutableRangeSet<Integer> block(String name) {
    Map<Object, ImmutableRangeSet<Integer>> all = blocks;
    if (all == null) {
      all = divided(Character.UnicodeBlock::of);
      blocks = all;
    }
    return all.getOrDefault(Character.UnicodeBlock.forName(name), ImmutableRangeSet.of());
  }

  private static ImmutableRangeSet<Integer> script(String name) {
    Map<Object, ImmutableRangeSet<Integer>> all = scripts;
    if (all == null) {
      all = divided(Character.UnicodeScript::of);
      scripts = all;
    }
    return all.getOrDefault(Character.UnicodeScript.forName(name), ImmutableRangeSet.of());
  }

  /** All characters by what they belong to. */
  private static Map<Object, ImmutableRangeSet<Integer>> divided(
      IntFunction<@Nullable Object> belongs) {
    Map<Object, ImmutableRangeSet.Builder<Integer>> parts = new HashMap<>();
    @Nullable Object before = null;
    int first = 0;
    for (int c = 0; c <= Character.MAX_CODE_POINT + 1; c++) {
      if ((c & 0xFFF) == 0) {
        Interruption.check();
      }
      boolean ends = c > Character.MAX_CODE_POINT || Utf8.isSurrogate(c);
      @Nullable Object now = ends ? null : belongs.apply(c);
      if (now != before) {
        if (before != null) {
          parts
              .computeIfAbsent(before, key -> ImmutableRangeSet.builder())
              .add(Range.closedOpen(first, c));
        }
        before = now;
        first = c;
      }
    }
    return parts.entrySet().stream()
        .collect(toMap(Map.Entry::getKey, part -> part.getValue().build()));
  }

  private static ImmutableRangeSet<Integer> matching(Pattern pattern) {
    Matcher matcher = pattern.matcher(new AllCharacters());
    ImmutableRangeSet.Builder<Integer> ranges = ImmutableRangeSet.builder();
    while (matcher.find()) {
      Interruption.check();
      int first = AllCharacters.at(matcher.start());
      int last = AllCharacters.at(matcher.end() - 1);
      if (first < Character.MIN_SURROGATE && last > Character.MAX_SURROGATE) {
        ranges.add(Range.closedOpen(first, (int) Character.MIN_SURROGATE));
        first = Character.MAX_SURROGATE + 1;
      }
      ranges.add(Range.closedOpen(first, last + 1));
    }
    return ranges.build();
  }

  /** The text of all characters in their order, which is not kept anywhere. */
  private static final class AllCharacters implements CharSequence {
    private static final int SURROGATES = Character.MAX_SURROGATE - Character.MIN_SURROGATE + 1;

    /** Where the characters of two units begin. */
    private static final int LONG = Character.MIN_SUPPLEMENTARY_CODE_POINT - SURROGATES;

    /** The character that a unit belongs to. */
    static int at(int index) {
      return index >= LONG
          ? Character.MIN_SUPPLEMENTARY_CODE_POINT + (index - LONG) / 2
          : index < Character.MIN_SURROGATE ? index : index + SURROGATES;
    }

    @Override
    public int length() {
      return LONG + 2 * (Character.MAX_CODE_POINT + 1 - Character.MIN_SUPPLEMENTARY_CODE_POINT);
    }

    @Override
    public char charAt(int index) {
      int c = at(index);
      if (index < LONG) {
        return (char) c;
      }
      return (index - LONG) % 2 == 0 ? Character.highSurrogate(c) : Character.lowSurrogate(c);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw new UnsupportedOperationException();
    }

    @Override
    public String toString() {
      return "all characters";
    }
  }
}
