package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("once") // with the Vector API
class ReadAheadTest {
  private static final int PANELS = 8;
  private static final int COLUMNS = 2048;

  @ParameterizedTest
  @EnumSource(BlockFormat.class)
  void what_follows_is_asked_for_once_by_pairs_of_panels(BlockFormat format) {
    BlockWeights w = new BlockWeights(format, PANELS * PackedWeights.PANEL, COLUMNS);
    PackedProduct p = new PackedProduct(new Product(new float[Product.SCRATCH]));
    int blocks = ScalarBlocks.BLOCKS;
    int ints = w.unit(0, blocks) - w.unit(0, 0);
    int asks = VectorBlockSums.asks(format) * blocks;
    List<Integer> asked = new ArrayList<>();
    List<Integer> following = new ArrayList<>();
    for (int panel = 0; panel < PANELS; panel += 2) {
      for (int block = 0; block < COLUMNS / PackedWeights.BLOCK; block += blocks) {
        int at = w.unit(panel, block);
        ReadAhead.planPair(w, p, panel, at, ints, asks);
        if (p.apart != 0) {
          asked.add(p.next);
          assertThat(p.apart).isEqualTo(2 * ints / asks);
          assertThat(p.next + w.panelStep + 2 * ints)
              .isLessThanOrEqualTo(w.words.length - Prefetch.LINE);
        }
        following.add(at);
      }
    }
    int ahead = following.indexOf(asked.get(0));
    assertThat(ahead).isPositive();
    // near the end of the array for none
    assertThat(following.size() - ahead - asked.size()).isEqualTo(2);
    assertThat(asked).isEqualTo(following.subList(ahead, ahead + asked.size()));
  }
}
