package io.fundamentallm.samplers.constraint.regex;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;

/**
 * How one document's characters become bytes. The same set of characters becomes the same
 * expression, so a large one that is used a thousand times is made once. One thread at a time.
 */
public final class CodePointAlphabet {
  private final Function<ImmutableRangeSet<Integer>, Expression> bytes;
  private final Map<ImmutableRangeSet<Integer>, Expression> known = new HashMap<>();
  private long ranges;

  public CodePointAlphabet(Function<ImmutableRangeSet<Integer>, Expression> bytes) {
    this.bytes = bytes;
  }

  /**
   * One character of a set.
   *
   * @throws IllegalArgumentException if the sets so far have too many ranges
   */
  Expression of(ImmutableRangeSet<Integer> set) {
    Interruption.check();
    Expression made = known.get(set);
    if (made == null) {
      ranges += set.asRanges().size();
      if (ranges > Limits.RANGES) {
        throw Limits.exceeded("classes of characters", Limits.RANGES, "ranges together");
      }
      made = bytes.apply(set);
      known.put(set, made);
    }
    return made;
  }
}
