package io.fundamentallm.model;

import io.fundamentallm.contract.ToyModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A model of {@link ToyModel}'s whose sessions can be saved, or fail at it. Thread-safe. */
final class SavingModel implements LanguageModel {
  private final ToyModel toy =
      new ToyModel(
          ToyModel.info(50, 64).capabilities(Capability.values()).build(), ToyModel.hashing());
  private volatile Runnable onSave = () -> {};

  /** What happens before a session is saved, from now on. */
  void onSave(Runnable action) {
    onSave = action;
  }

  @Override
  public ModelInfo info() {
    return toy.info();
  }

  @Override
  public Session open() {
    return new Saving(toy.open());
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    toy.forward(
        batch.stream()
            .map(
                append ->
                    new Append(
                        ((Saving) append.session()).inner,
                        append.tokens(),
                        append.logits(),
                        append.hidden()))
            .toList(),
        cancellation);
  }

  @Override
  public Session restore(Path file, String tokenizer) throws IOException {
    throw new IOException(file + ": is not restored in these tests");
  }

  @Override
  public Runnable onCacheFull(java.util.function.BooleanSupplier reclaim) {
    return () -> {};
  }

  @Override
  public void close() {
    toy.close();
  }

  private final class Saving implements Session {
    private final Session inner;

    private Saving(Session inner) {
      this.inner = inner;
    }

    @Override
    public LanguageModel model() {
      return SavingModel.this;
    }

    @Override
    public int length() {
      return inner.length();
    }

    @Override
    public long bytes() {
      return inner.length();
    }

    @Override
    public Session fork() {
      return new Saving(inner.fork());
    }

    @Override
    public void truncate(int length) {
      inner.truncate(length);
    }

    @Override
    public void save(Path file, String tokenizer) throws IOException {
      inner.fork().close(); // throws if the model is closed
      onSave.run();
      if (Thread.currentThread().isInterrupted()) {
        throw new IOException(file + ": interrupted");
      }
      Files.write(file, new byte[length()]);
    }

    @Override
    public void close() {
      inner.close();
    }
  }
}
