package com.ytempire.sidecar.privacy;

import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.sqlobject.config.RegisterConstructorMapper;
import org.jdbi.v3.sqlobject.statement.SqlQuery;
import org.jspecify.annotations.Nullable;

/** Erasures that are still to be carried out in n8n. */
interface ExecutionErasureDao {
  /**
   * One that is due.
   *
   * @param terms texts that name the user
   * @param pageCursor where n8n's list goes on; null: at its beginning
   */
  record Erasure(UUID erasureId, List<String> terms, @Nullable String pageCursor) {}

  @SqlQuery("select app.request_execution_erasure(:terms, :at)")
  @Nullable String request(String[] terms, OffsetDateTime at);

  /** Takes one that is due, if there is one. */
  @SqlQuery("select * from app.claim_execution_erasure(:now, :leaseUntil)")
  @RegisterConstructorMapper(Erasure.class)
  List<Erasure> claim(OffsetDateTime now, OffsetDateTime leaseUntil);

  @SqlQuery("select app.continue_execution_erasure(:id, :cursor, :leaseUntil)")
  @Nullable String proceed(UUID id, @Nullable String cursor, OffsetDateTime leaseUntil);

  /** Notes that an execution was passed over, so that the pass has to be repeated. */
  @SqlQuery("select app.note_passed_over_execution(:id)")
  @Nullable String notePassedOver(UUID id);

  /**
   * Ends a pass.
   *
   * @param repeatAt when it is repeated if an execution was passed over
   */
  @SqlQuery("select app.end_execution_erasure_pass(:id, interval '1 hour', :repeatAt)")
  @Nullable String endPass(UUID id, OffsetDateTime repeatAt);

  /** Deletes erasures that were requested 30 days ago or earlier, and returns how many. */
  @SqlQuery("select app.sweep_execution_erasures(:now)")
  long sweep(OffsetDateTime now);
}
