package io.fundamentallm.internal.batching;

import io.fundamentallm.contract.ForwardingModel;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ModelInfo;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A toy model that notes what each pass holds, and runs passes when a test lets it. */
public final class WatchedModel extends ForwardingModel {
  public final ToyModel toy;

  /** How many tokens of each session the passes held, in the order they began. */
  public final List<List<Integer>> passes = new CopyOnWriteArrayList<>();

  /** The threads that ran them. */
  public final List<Thread> leaders = new CopyOnWriteArrayList<>();

  /** A pass takes one permit when it begins. */
  public final Semaphore permits = new Semaphore(0);

  /** Sees each batch before it is computed; may throw. */
  public volatile Consumer<List<Append>> inspection = batch -> {};

  public WatchedModel(ModelInfo info) {
    this(new ToyModel(info, ToyModel.hashing()));
  }

  private WatchedModel(ToyModel toy) {
    super(toy);
    this.toy = toy;
  }

  /** Lets all passes run. */
  public WatchedModel free() {
    permits.release(1 << 20);
    return this;
  }

  /** Waits until so many passes have begun. */
  public void awaitPasses(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (passes.size() < count) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no pass " + count + " began; so far: " + passes);
      }
      Thread.sleep(1);
    }
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    leaders.add(Thread.currentThread());
    passes.add(batch.stream().map(append -> append.tokens().length).toList());
    permits.acquireUninterruptibly();
    inspection.accept(batch);
    toy.forward(batch, cancellation);
  }
}
