package io.fundamentallm.commandline;

import io.fundamentallm.training.CsvLog;
import io.fundamentallm.training.TensorBoardLog;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The logs that the command line asks for. */
record TrainingLogs(@Nullable TensorBoardLog events, @Nullable CsvLog table)
    implements AutoCloseable {
  static TrainingLogs of(@Nullable Path events, @Nullable Path table, TrainingPlan plan)
      throws IOException {
    return new TrainingLogs(
        events == null ? null : TensorBoardLog.of(events, plan),
        table == null ? null : CsvLog.of(table, plan));
  }

  /** These and others. */
  TrainingListener[] with(TrainingListener... others) {
    List<TrainingListener> all = new ArrayList<>(List.of(others));
    if (events != null) {
      all.add(events);
    }
    if (table != null) {
      all.add(table);
    }
    return all.toArray(TrainingListener[]::new);
  }

  @Override
  @SuppressWarnings("try") // closed, not used
  public void close() throws IOException {
    try (TensorBoardLog first = events;
        CsvLog second = table) {
      // the failure of one does not keep the other open
    }
  }
}
