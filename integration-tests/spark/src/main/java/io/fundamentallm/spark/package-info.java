/**
 * Language models on a cluster of Apache Spark 4.
 *
 * <p>{@link io.fundamentallm.spark.BatchScorer}, {@link io.fundamentallm.spark.BatchGenerator},
 * {@link io.fundamentallm.spark.BatchEmbedder} and {@link io.fundamentallm.spark.BatchTokenizer}
 * add a column to a data set; {@link io.fundamentallm.spark.SqlFunctions} do in SQL, and {@code
 * io.fundamentallm.spark.ml} in pipelines. The model is a directory that the executors read, each
 * JVM once; it is never sent in a task. {@link io.fundamentallm.spark.Diloco} trains a model on
 * several executors, which now and then exchange how far their weights have moved.
 *
 * <p><b>Paths.</b> An absolute path is one that driver and executors both see, such as a shared
 * file system, or the same place in the image of each container. A relative one is among the files
 * that Spark sent to the executor: {@code "model"} is what {@code --archives model.zip#model}, or
 * {@code SparkContext.addArchive}, unpacked under that name.
 *
 * <p><b>Memory.</b> Weights, keys and values are in the executor's heap, beside what Spark holds
 * there: {@code spark.executor.memory} must have room for both. A model stays until the executor
 * ends, so each task finds it loaded; put a newly trained model into another directory.
 *
 * <p><b>Threads.</b> The tasks of an executor share its model and the threads of that model, as
 * many as the machine has processors unless the runtime's spec says otherwise. If several executors
 * run on a machine, set {@code cpu(threads=N)}, N being {@code spark.executor.cores}. Results do
 * not depend on it.
 *
 * <p><b>Errors.</b> A row that fails makes the job fail, after the attempts that Spark gives a
 * task. With a column for errors, a row gets its reason there instead if its own values are the
 * cause: a text that is too long or that the vocabulary cannot represent, a continuation for which
 * no token is left, a key that is null. Everything else still makes the job fail: a model that is
 * not found, memory that is full, a setting that does not fit the model.
 *
 * <p>The parts that do the work are found at run time: put {@code fundamentallm-tokenizers}, a
 * runtime and any samplers in use on the class path of the executors.
 */
@NullMarked
package io.fundamentallm.spark;

import org.jspecify.annotations.NullMarked;
