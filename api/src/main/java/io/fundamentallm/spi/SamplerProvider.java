package io.fundamentallm.spi;

/**
 * Provides one stage of a sampler chain.
 *
 * @apiNote A complete plugin:
 *     <pre>{@code
 * public final class MinP implements SamplerProvider {
 *   public String name() {
 *     return "min-p";
 *   }
 *
 *   public SamplerStage create(Options options) {
 *     float p = (float) options.real("value", Range.closed(0, 1));
 *     float gap = (float) Math.log(p);
 *     return SamplerStage.processor(
 *         binding -> step -> {
 *           Logits logits = step.logits();
 *           float floor = logits.maximum() + gap;
 *           logits.retainIf(i -> logits.score(i) >= floor);
 *         });
 *   }
 * }
 * }</pre>
 */
public interface SamplerProvider extends Provider {
  /**
   * Reads the stage's options. Called once for each time the name occurs in a parsed spec.
   *
   * @throws IllegalArgumentException for an option out of range, as {@link Options} throws it
   */
  SamplerStage create(Options options);
}
