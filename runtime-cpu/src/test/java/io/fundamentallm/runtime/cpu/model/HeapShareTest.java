package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.CacheFullException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Models in one heap: what keys and values of one take is not there for those of another. */
class HeapShareTest {
  private static final TransformerConfig SHAPE = Shapes.llama(3, 3, 8, false, 0, 0);

  private static final long BLOCK =
      new KvCache(SHAPE, KvCache.Format.F32, Long.MAX_VALUE).bytesOfBlock();

  /** Room for 60 blocks beside weights of 20. */
  private final HeapShare share = new HeapShare(100 * BLOCK);

  private KvCache model(OptionalLong budget) {
    KvCache cache = new KvCache(SHAPE, KvCache.Format.F32, budget, share);
    share.enter(cache, 10 * BLOCK, 0);
    return cache;
  }

  private static List<KvBlock> blocks(KvCache cache, int count) {
    List<KvBlock> blocks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      blocks.add(cache.acquire());
    }
    return blocks;
  }

  @Test
  void two_models_never_take_more_than_there_is() {
    KvCache first = model(OptionalLong.empty());
    KvCache second = model(OptionalLong.empty());
    blocks(first, 40);
    List<KvBlock> rest = blocks(second, 20);

    assertThatThrownBy(first::acquire).isInstanceOf(CacheFullException.class);
    assertThatThrownBy(second::acquire)
        .isInstanceOf(CacheFullException.class)
        .hasMessageContaining("sessions hold 20 blocks")
        .hasMessageContaining("the budget is " + 20 * BLOCK + " bytes");
    assertThatThrownBy(() -> second.reserve(1)).isInstanceOf(CacheFullException.class);

    rest.forEach(second::release); // the first takes even what the second keeps for its next
    assertThat(blocks(first, 20)).hasSize(20);
  }

  @Test
  void what_is_remembered_for_one_is_given_back_for_another() {
    KvCache first = model(OptionalLong.empty());
    KvCache second = model(OptionalLong.empty());
    Deque<KvBlock> remembered = new ArrayDeque<>(blocks(second, 50));
    second.onFull(
        () -> {
          KvBlock block = remembered.poll();
          if (block != null) {
            second.release(block);
          }
          return block != null;
        });
    blocks(first, 30);

    assertThat(remembered).hasSize(30);
  }

  @Test
  void a_closed_model_leaves_its_memory_to_the_others() {
    KvCache first = model(OptionalLong.empty());
    KvCache second = model(OptionalLong.empty());
    blocks(second, 60);
    second.close();

    assertThat(blocks(first, 67)).hasSize(67); // three quarters of 90
    assertThatThrownBy(first::acquire).isInstanceOf(CacheFullException.class);
  }

  @Test
  void a_budget_of_its_own_is_a_models_own_and_counts_for_others() {
    KvCache first = model(OptionalLong.empty());
    KvCache second = model(OptionalLong.of(50 * BLOCK));
    blocks(first, 60);
    blocks(second, 50);

    assertThatThrownBy(second::acquire).isInstanceOf(CacheFullException.class);
    assertThat(share.budget(first)).isEqualTo(10 * BLOCK);
  }
}
