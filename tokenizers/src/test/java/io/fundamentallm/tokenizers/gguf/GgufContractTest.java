package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.contract.TokenizerContract;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.GgufProvider;
import io.fundamentallm.tokenizers.gguf.section.GgufWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

class GgufContractTest {
  @TempDir Path directory;

  private Tokenizer load(GgufWriter file) throws IOException {
    file.write(directory.resolve("model.gguf"));
    return read(directory);
  }

  private static Tokenizer read(Path path) throws IOException {
    return new GgufProvider().load(path, Options.of("gguf", Map.of()));
  }

  @Nested
  class LlamaContract extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() throws IOException {
      return load(GgufTokenizersTest.llama());
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return read(modelDirectory);
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }
  }

  @Nested
  class Gpt2Contract extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() throws IOException {
      return load(GgufTokenizersTest.gpt2("gpt-2"));
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return read(modelDirectory);
    }
  }

  @Nested
  class BertContract extends TokenizerContract {
    @Override
    protected Tokenizer tokenizer() throws IOException {
      return load(GgufTokenizersTest.bert());
    }

    @Override
    protected Tokenizer reload(Path modelDirectory) throws IOException {
      return read(modelDirectory);
    }

    @Override
    protected List<String> texts() {
      return List.of("", "the", "a tokenizer.", "the the a");
    }

    @Override
    protected boolean encodesEveryText() {
      return false;
    }

    @Override
    protected boolean bytesAreTheText() {
      return false;
    }
  }
}
