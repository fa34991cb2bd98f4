package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** One stage serves many generations, and forgets what it cannot hold. */
class SharedAutomatonTest {
  @Test
  void threads_that_share_a_stage_get_what_each_gets_alone() throws Exception {
    String schema =
        "{\"properties\":{\"a\":{\"type\":\"string\",\"maxLength\":9},\"b\":{\"items\":{\"type\":"
            + "\"integer\"}}},\"additionalProperties\":true}";
    SamplerStage shared = Bound.stage("json-schema", schema);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<List<Integer>>> walks = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        int seed = i;
        walks.add(threads.submit(() -> walk(shared, seed)));
      }
      for (int i = 0; i < walks.size(); i++) {
        assertThat(walks.get(i).get())
            .isEqualTo(walk(Bound.stage("json-schema", schema), i))
            .hasSizeGreaterThan(1);
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<Integer> walk(SamplerStage stage, long seed) {
    TokenConstraint constraint = Bound.of(stage, Bound.BYTES, 258, Bound.END);
    Random random = new Random(seed);
    List<Integer> taken = new ArrayList<>();
    while (taken.size() < 200 && !taken.contains(Bound.END)) {
      long[] mask = constraint.mask();
      int token = random.nextInt(258);
      while (!Bound.allows(mask, token)) {
        token = (token + 1) % 258;
      }
      token = constraint.forced() >= 0 ? constraint.forced() : token;
      constraint.accept(token);
      taken.add(token);
    }
    return taken;
  }

  @Test
  void what_was_forgotten_is_found_again() {
    // some 640,000 links are remembered of each branch, of 2,000,000 in all
    String branch = "(a|aa){0,5000}";
    String pattern = "b" + branch + "b|c" + branch + "c|d" + branch + "d|e" + branch + "e";
    SamplerStage stage = Bound.stage("regex", pattern);
    TokenConstraint constraint = Bound.of(stage, Bound.BYTES, 258, Bound.END);
    for (int begin = 'b'; begin <= 'e'; begin++) {
      constraint.accept(begin);
      for (int i = 0; i < 1600; i++) {
        constraint.accept('a');
      }
      assertThat(Bound.allows(constraint.mask(), begin)).isTrue();
      if (begin < 'e') {
        constraint.rollback(1601);
      }
    }
    constraint.rollback(1300);
    TokenConstraint fresh = Bound.of(Bound.stage("regex", pattern), Bound.BYTES, 258, Bound.END);
    fresh.accept('e');
    for (int i = 0; i < 300; i++) {
      fresh.accept('a');
    }
    for (int i = 0; i < 50; i++) {
      assertThat(constraint.mask()).isEqualTo(fresh.mask());
      constraint.accept('a');
      fresh.accept('a');
    }
    constraint.accept('e');
    assertThat(constraint.forced()).isEqualTo(Bound.END);
  }
}
