package io.fundamentallm.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The drawings of the page on architecture are those that the code gives. */
class ArchitecturePageTest {
  private static final Path PAGE = Path.of("..", "..", "api", "architecture.md");
  private static final Pattern DRAWING = Pattern.compile("```text\n(.*?)```", Pattern.DOTALL);

  /** Set to draw them anew. */
  private static final String UPDATE = "architecture.update";

  private static final String TOKEN =
      """
      TextGenerator.generate
        BeginToken.prompt
          text.Tokenizer.encode
        decoding.Decoder.decode = decoding.SamplingDecoder
          decoding.SamplingSource.<init>
        decoding.Generation.text
          decoding.Generation.hasNext = decoding.Generations$Lazy
            decoding.TokenSource.next = decoding.SamplingSource
              model.LanguageModel.forward = runtime.cpu.model.CpuLanguageModel
                runtime.cpu.model.ColdStart.forward
                  runtime.cpu.model.ForwardPass.forward
                    runtime.cpu.kernels.norm.NormKernels.forward
                    runtime.cpu.model.LinearLayer.product
                      runtime.cpu.kernels.product.ProductKernels.multiply
                    runtime.cpu.model.AttentionLayer.attend
              decoding.Transcript.choose
                decoding.Sampler.sample = SamplerChain
                  decoding.LogitsProcessor.process
              decoding.Transcript.append
                text.Detokenizer.append
                decoding.StopStringHold.append
      """;

  private static final String STEP =
      """
      runtime.cpu.train.TrainingLoop.run
        runtime.cpu.train.Training.step
          runtime.cpu.train.TrainingSteps.take
            runtime.cpu.train.window.TrainingWindows.fill
            runtime.cpu.train.layer.TrainableTransformer.addGradients
              runtime.cpu.train.layer.DecoderStack.forward
                runtime.cpu.train.layer.Embedding.forward
                runtime.cpu.train.layer.Block.forward
              runtime.cpu.train.layer.Head.forwardBackward
              runtime.cpu.train.layer.DecoderStack.backward
                runtime.cpu.train.layer.Block.backward
                  runtime.cpu.train.layer.Branch.backward
                runtime.cpu.train.layer.Embedding.backward
            runtime.cpu.train.optimizer.GradientNorm.of
            runtime.cpu.train.optimizer.LearningRate.at
            runtime.cpu.train.optimizer.Optimizer.step = runtime.cpu.train.optimizer.AdamW
        training.TrainingListener.onStep
        runtime.cpu.train.Training.measure
          runtime.cpu.train.Evaluator.sample
        runtime.cpu.train.Training.save
          runtime.cpu.train.checkpoint.Checkpoints.save
        runtime.cpu.train.Training.finish
      """;

  @Test
  void the_drawings_are_those_of_the_code() throws IOException {
    List<String> drawn = new ArrayList<>();
    drawn.add(Drawings.modules());
    drawn.add(Drawings.rooms(PublishedModule.API));
    PublishedModule.IMPLEMENTATIONS.stream()
        .filter(module -> !module.equals(PublishedModule.HUB)) // one room
        .forEach(module -> drawn.add(Drawings.rooms(module)));
    drawn.add(Way.of(TOKEN).drawn());
    drawn.add(Way.of(STEP).drawn());

    String page = Files.readString(PAGE);
    if (System.getProperty(UPDATE) != null) {
      Matcher place = DRAWING.matcher(page);
      List<String> left = new ArrayList<>(drawn);
      page =
          place.replaceAll(old -> Matcher.quoteReplacement("```text\n" + left.remove(0) + "```"));
      Files.writeString(PAGE, page);
    }
    assertThat(DRAWING.matcher(page).results().map((MatchResult found) -> found.group(1)))
        .as("to draw them anew, add -D%s to this test", UPDATE)
        .containsExactlyElementsOf(drawn);
  }
}
