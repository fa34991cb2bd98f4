package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Cancellation;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.spark.TaskContext;
import org.apache.spark.sql.Row;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The rows of a task with something computed for each: several at a time, so that they share a pass
 * over the weights, and in order. Only the task's thread reads the input rows; the threads end with
 * the task.
 */
final class ConcurrentRows implements Iterator<Row> {
  /** As many as {@code TextGenerator.generateAll} writes at a time. */
  private static final int AT_A_TIME = 16;

  /** Computes one row; checks now and then whether the task is still needed. */
  @FunctionalInterface
  interface Computation {
    Row compute(Row row, Cancellation cancellation) throws Exception;
  }

  private final Iterator<Row> rows;
  private final Computation computation;
  private final Cancellation cancellation;
  private final ExecutorService threads;
  private final Deque<Future<Row>> computing = new ArrayDeque<>();

  ConcurrentRows(Iterator<Row> rows, Computation computation) {
    this.rows = rows;
    this.computation = computation;
    TaskContext task = TaskContext.get();
    cancellation = () -> task.isInterrupted() || task.isCompleted();
    threads =
        Executors.newFixedThreadPool(
            AT_A_TIME,
            work -> {
              Thread thread = new Thread(work, "fundamentallm-row");
              thread.setDaemon(true);
              return thread;
            });
    TaskCompletionListener end = ended -> threads.shutdownNow();
    task.addTaskCompletionListener(end);
  }

  @Override
  public boolean hasNext() {
    return !computing.isEmpty() || rows.hasNext();
  }

  @Override
  public Row next() {
    while (computing.size() < AT_A_TIME && rows.hasNext()) {
      Row row = rows.next();
      computing.add(threads.submit(() -> computation.compute(row, cancellation)));
    }
    if (computing.isEmpty()) {
      throw new NoSuchElementException("there are no more rows");
    }
    return get(computing.remove());
  }

  private static Row get(Future<Row> row) {
    try {
      return row.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("the task was interrupted");
    } catch (ExecutionException e) {
      Throwable cause = requireNonNull(e.getCause());
      if (cause instanceof Error error) {
        throw error;
      }
      if (cause instanceof RuntimeException exception) {
        throw exception;
      }
      throw new IllegalStateException(cause);
    }
  }
}
