package io.fundamentallm.runtime.cpu.kernels.product;

import java.util.List;

/**
 * Panels of several matrices as one: a file may hold the queries in other blocks than the values,
 * or a gate in others than what it gates.
 */
public final class MixedWeights extends PackedWeights {

  private final List<PackedWeights> parts;
  private final PackedWeights[] partOf; // [panel]
  private final int[] panelOf; // [panel], in its part

  private MixedWeights(List<PackedWeights> parts, int rows, PackedWeights[] partOf, int[] panelOf) {
    super(rows, parts.get(0).columns());
    this.parts = List.copyOf(parts);
    this.partOf = partOf;
    this.panelOf = panelOf;
  }

  /**
   * All panels of one part after those of another.
   *
   * @param parts of equal width; all but the last have whole panels of rows
   */
  public static MixedWeights stacked(List<PackedWeights> parts) {
    int rows = 0;
    int panels = 0;
    for (PackedWeights part : parts) {
      if (rows % PANEL != 0) {
        throw new IllegalArgumentException("only the last part may end within a panel");
      }
      rows += part.rows();
      panels += part.panels();
    }
    PackedWeights[] partOf = new PackedWeights[panels];
    int[] panelOf = new int[panels];
    int at = 0;
    for (PackedWeights part : parts) {
      for (int i = 0; i < part.panels(); i++, at++) {
        partOf[at] = part;
        panelOf[at] = i;
      }
    }
    return new MixedWeights(parts, rows, partOf, panelOf);
  }

  /** A panel of one part, then one of the other, by turns. */
  public static MixedWeights alternating(PackedWeights first, PackedWeights second) {
    int panels = 2 * first.panels();
    PackedWeights[] partOf = new PackedWeights[panels];
    int[] panelOf = new int[panels];
    for (int i = 0; i < panels; i++) {
      partOf[i] = i % 2 == 0 ? first : second;
      panelOf[i] = i / 2;
    }
    return new MixedWeights(List.of(first, second), panels * PANEL, partOf, panelOf);
  }

  @Override
  public String name() {
    return String.join("+", formats());
  }

  @Override
  public List<String> formats() {
    return parts.stream().flatMap(part -> part.formats().stream()).distinct().sorted().toList();
  }

  /** The matrices. */
  public List<PackedWeights> parts() {
    return parts;
  }

  @Override
  public long bytes() {
    return parts.stream().mapToLong(PackedWeights::bytes).sum();
  }

  @Override
  public boolean quantized() {
    return parts.stream().anyMatch(PackedWeights::quantized);
  }

  @Override
  public void fill(ProductKernels kernels, int panel, float[] values) {
    partOf[panel].fill(kernels, panelOf[panel], values);
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    partOf[panel].row(panelOf[panel] * PANEL + row % PANEL, into, at);
  }

  /** The matrix that a panel is of. */
  PackedWeights partOf(int panel) {
    return partOf[panel];
  }

  /** Its number there. */
  int panelOf(int panel) {
    return panelOf[panel];
  }

  /** {@link ProductKernels#multiply}, part by part. */
  void multiply(ProductKernels kernels, PackedProduct p) {
    int from = p.fromPanel;
    int to = p.toPanel;
    int yAt = p.yAt;
    for (int panel = from; panel < to; ) {
      int end = panel + 1;
      while (end < to
          && partOf[end] == partOf[panel]
          && panelOf[end] == panelOf[panel] + end - panel) {
        end++;
      }
      p.weights = partOf[panel];
      p.fromPanel = panelOf[panel];
      p.toPanel = panelOf[panel] + end - panel;
      p.yAt = yAt + (panel - panelOf[panel]) * PANEL;
      kernels.multiply(p);
      panel = end;
    }
    p.weights = this;
    p.fromPanel = from;
    p.toPanel = to;
    p.yAt = yAt;
  }
}
