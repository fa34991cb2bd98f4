package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy.Evict;
import io.fundamentallm.decoding.ContextPolicy.Stop;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.PrefixCache;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContextWindowTest {
  private static final float[][] NONE = {};

  private static ToyModel model(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(20, 4).capabilities(capabilities).build(), ToyModel.hashing());
  }

  private static ContextWindow window(ToyModel model, ContextPolicy policy, int... tokens) {
    ContextWindow window = ContextWindow.of(model, policy);
    window.add(tokens);
    return window;
  }

  private static float[] expected(int... tokens) {
    float[] row = new float[20];
    ToyModel.hashing().score(tokens, tokens.length, row);
    return row;
  }

  private static float[] read(ContextWindow window) {
    float[][] row = new float[1][20];
    assertThat(window.read(row, NONE, Cancellation.none())).isTrue();
    return row[0];
  }

  @Test
  void forks_go_on_by_themselves_from_the_same_past() {
    ToyModel model = model(Capability.values());
    ContextWindow window = window(model, ContextPolicy.error(), 1, 2);
    assertThat(read(window)).isEqualTo(expected(1, 2));
    window.add(3);
    ContextWindow fork = window.fork();
    window.add(4);
    fork.add(5);
    assertThat(read(fork)).isEqualTo(expected(1, 2, 3, 5));
    assertThat(read(window)).isEqualTo(expected(1, 2, 3, 4));
    assertThat(model.computed()).isEqualTo(2 + 2 + 2);
    window.close();
    fork.close();
    assertThat(model.openSessions()).isZero();
  }

  @Test
  void a_fork_keeps_what_the_policy_answered() {
    List<int[]> asked = new ArrayList<>();
    ContextPolicy counting =
        (context, info) -> {
          asked.add(context);
          return ContextPolicy.slide(1).onFull(context, info);
        };
    try (ContextWindow window = window(model(Capability.values()), counting, 1, 2, 3, 4)) {
      read(window);
      window.add(5);
      assertThat(window.endsHere()).isFalse();
      try (ContextWindow fork = window.fork()) {
        assertThat(read(fork)).isEqualTo(expected(1, 3, 4, 5));
      }
      assertThat(asked).hasSize(1);
    }
    ContextPolicy refusing = ContextPolicy.error();
    try (ContextWindow window = window(model(), refusing, 1, 2, 3, 4, 5)) {
      assertThat(window.endsHere()).isFalse();
      try (ContextWindow fork = window.fork()) {
        assertThatIllegalStateException()
            .isThrownBy(() -> read(fork))
            .withMessageContaining("5 are needed");
      }
    }
  }

  @Test
  void it_tells_what_was_evicted_from_within_the_session() {
    for (boolean can : new boolean[] {true, false}) {
      ToyModel model = can ? model(Capability.values()) : model(Capability.TRUNCATE);
      ContextPolicy middle = (context, info) -> new Evict(1, 3);
      try (ContextWindow window = window(model, middle, 1, 2, 3, 4)) {
        read(window);
        assertThat(window.evicted()).isEmpty();
        window.add(5);
        assertThat(read(window)).isEqualTo(expected(1, 4, 5));
        assertThat(window.evicted().isPresent()).isEqualTo(can);
        window.evicted().ifPresent(evict -> assertThat(evict).isEqualTo(new Evict(1, 3)));
        window.add(6);
        assertThat(read(window)).isEqualTo(expected(1, 4, 5, 6));
        assertThat(window.evicted()).isEmpty();
        assertThat(model.computed()).isEqualTo(4 + (can ? 1 : 2) + 1);
      }
    }
  }

  @Test
  void a_window_of_a_policy_alone_asks_no_cache() {
    ToyModel model = model(Capability.values());
    try (PrefixCache cache = PrefixCache.of(10)) {
      DecodingOptions options = DecodingOptions.builder().prefixCache(cache).build();
      try (ContextWindow window = ContextWindow.of(model, options)) {
        window.add(1, 2, 3);
        read(window);
        window.share();
      }
      for (int cached : new int[] {2, 0}) {
        try (ContextWindow window =
            cached > 0
                ? ContextWindow.of(model, options)
                : ContextWindow.of(model, ContextPolicy.error())) {
          window.add(1, 2, 3);
          assertThat(read(window)).isEqualTo(expected(1, 2, 3));
          assertThat(window.cachedTokens()).isEqualTo(cached);
        }
      }
    }
  }

  @Test
  void truncated_tokens_are_forgotten_with_what_the_policy_said_of_them() {
    for (Capability[] capabilities : new Capability[][] {{}, {Capability.TRUNCATE}}) {
      ToyModel model = model(capabilities);
      ContextPolicy stop = (context, info) -> new Stop();
      try (ContextWindow window = window(model, stop, 1, 2, 3, 4)) {
        read(window);
        window.add(5);
        assertThat(window.endsHere()).isTrue();
        assertThat(window.prepare(NONE, NONE)).isNull();
        window.truncate(4);
        assertThat(window.endsHere()).isFalse();
        window.truncate(2);
        window.add(9);
        Append append = window.prepare(NONE, NONE);
        assertThat(append.tokens()).hasSize(capabilities.length == 0 ? 3 : 1);
        assertThat(read(window)).isEqualTo(expected(1, 2, 9));
        assertThatIllegalArgumentException()
            .isThrownBy(() -> window.truncate(4))
            .withMessage("cannot keep 4 of 3 tokens");
      }
      assertThat(model.openSessions()).isZero();
    }
  }
}
