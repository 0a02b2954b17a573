PRAGMA user_version=2;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE delivery (
  key        integer primary key,  -- milliseconds of its birth, and 15 bits of chance: made from the id, so that no index is
                                   -- needed to find it, and in the order in which they are listed
  id         blob not null,
  event_id   blob not null,
  hook_id    blob not null,
  hook_name  text not null,
  topic      text not null,
  event      text not null,
  at_ms      integer not null,
  state      integer not null,     -- 0 waiting, 1 sending, 2 delivered, 3 retrying, 4 given up, 5 skipped
  unusual    integer,              -- state, where it is 3 or more
  status     integer,
  attempts   integer not null,
  message    text not null,
  next_at_ms integer,
  answer     text,
  tried      text not null         -- JSON: the attempts
, request blob) strict;
INSERT INTO delivery VALUES(58654720032797119,X'01a0c4506fe87e37b9b97f4a7c150000',X'01a0c4506fe87e37b9b97f4a7c150000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000001000,2,NULL,204,1,'Delivered: 204 No Content in 1 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720065561462,X'01a0c45073d07c6eb372fe94f82a0000',X'01a0c45073d07c6eb372fe94f82a0000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintDone',1790000002000,2,NULL,204,1,'Delivered: 204 No Content in 2 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720098325813,X'01a0c45077b87aa6ad2c7ddf743f0000',X'01a0c45077b87aa6ad2c7ddf743f0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintDone',1790000003000,2,NULL,204,1,'Delivered: 204 No Content in 3 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720131090156,X'01a0c4507ba078dda6e5fd29f0540000',X'01a0c4507ba078dda6e5fd29f0540000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000004000,2,NULL,204,1,'Delivered: 204 No Content in 4 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720163854508,X'01a0c4507f887715a09f7c746c690000',X'01a0c4507f887715a09f7c746c690000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintFailed',1790000005000,2,NULL,204,1,'Delivered: 204 No Content in 5 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720196618851,X'01a0c4508370754c9a58fbbee87e0000',X'01a0c4508370754c9a58fbbee87e0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintDone',1790000006000,2,NULL,204,1,'Delivered: 204 No Content in 6 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720229383202,X'01a0c4508758738494127b0964930000',X'01a0c4508758738494127b0964930000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000007000,2,NULL,204,1,'Delivered: 204 No Content in 7 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720262147545,X'01a0c4508b4071bb8dcbfa53e0a80000',X'01a0c4508b4071bb8dcbfa53e0a80000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintDone',1790000008000,2,NULL,204,1,'Delivered: 204 No Content in 8 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720294944664,X'01a0c4508f287ff38785799e5cbd0000',X'01a0c4508f287ff38785799e5cbd0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintDone',1790000009000,2,NULL,204,1,'Delivered: 204 No Content in 9 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720327709008,X'01a0c45093107e2a813ef8e8d8d20000',X'01a0c45093107e2a813ef8e8d8d20000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintFailed',1790000010000,4,4,204,1,'Delivered: 204 No Content in 10 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720360473367,X'01a0c45096f87c62baf8783354e70000',X'01a0c45096f87c62baf8783354e70000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintDone',1790000011000,2,NULL,204,1,'Delivered: 204 No Content in 11 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720393237710,X'01a0c4509ae07a99b4b1f77dd0fc0000',X'01a0c4509ae07a99b4b1f77dd0fc0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintDone',1790000012000,2,NULL,204,1,'Delivered: 204 No Content in 12 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720426002061,X'01a0c4509ec878d1ae6b76c84d110000',X'01a0c4509ec878d1ae6b76c84d110000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000013000,2,NULL,204,1,'Delivered: 204 No Content in 13 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720458766405,X'01a0c450a2b07708a824f612c9260000',X'01a0c450a2b07708a824f612c9260000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintDone',1790000014000,2,NULL,204,1,'Delivered: 204 No Content in 14 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720491530756,X'01a0c450a6987540a1de755d453b0000',X'01a0c450a6987540a1de755d453b0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintFailed',1790000015000,2,NULL,204,1,'Delivered: 204 No Content in 15 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720524295099,X'01a0c450aa8073779b97f4a7c1500000',X'01a0c450aa8073779b97f4a7c1500000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000016000,2,NULL,204,1,'Delivered: 204 No Content in 16 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720557059450,X'01a0c450ae6871af955173f23d650000',X'01a0c450ae6871af955173f23d650000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintDone',1790000017000,2,NULL,204,1,'Delivered: 204 No Content in 17 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720589856561,X'01a0c450b2507fe68f0af33cb97a0000',X'01a0c450b2507fe68f0af33cb97a0000',X'01a0c4506c0070008000000000000000','Hook 0','Print Done','PrintDone',1790000018000,2,NULL,204,1,'Delivered: 204 No Content in 18 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720622620913,X'01a0c450b6387e1e88c47287358f0000',X'01a0c450b6387e1e88c47287358f0000',X'01a0c4506c007e37b9b97f4a7c150000','Hook 1','Print Done','PrintDone',1790000019000,2,NULL,204,1,'Delivered: 204 No Content in 19 ms.',NULL,NULL,'[]',NULL);
INSERT INTO delivery VALUES(58654720655385256,X'01a0c450ba207c55827df1d1b1a40000',X'01a0c450ba207c55827df1d1b1a40000',X'01a0c4506c007c6eb372fe94f82a0000','Hook 2','Print Done','PrintFailed',1790000020000,4,4,204,1,'Delivered: 204 No Content in 20 ms.',NULL,NULL,'[{"number":1,"started":1790000000000,"phases":{"queue":1,"dns":2,"total":132},"status":503,"answer":"busy","message":"The receiver has a problem: 503 Service Unavailable. Next try in 2 s."}]',NULL);
CREATE TABLE event (
  id   blob primary key,
  form integer not null,  -- how the body is written, as in the outbox
  body blob not null      -- deflated
) strict, without rowid;
INSERT INTO event VALUES(X'01a0c450ba207c55827df1d1b1a40000',2,X'8d53c18e9b3010fd179f09c5044ac2ad527b5b69a3aaa75ea2c10cc495b1916d564da3fc7b67084949a59536ca65c6336fdebc795c846e452d3209992aca6cd3409e6d2a55969b5d5eb59b4eb6b2915064f4138980286a59ed2958fe8918bdb611bda81724a7a29b73546e6140023ff8290085308e081eaca2e4453c3d5eafc9bf04017e7516a983a0b4228419f0d8de92239c8d839627da696878769e3dda1bb4ea743e66693e0cc7c3cb97b457ae65ac11e289a01a07317c7ab7ca79dd6b4b75c6293082682947fbfda6c52f22448833f7889c1007de5ddb9e987606fac094dc881ea27696baebe8275c24e2b27b0c5340e2df8109f4ec11dab3a89708bd77a4e6122956cb98b9794975daea705a673c8669582742fbfd09531947035ffdb715362bfecb354cb9d366decadecef5ae361f53b0d56134400b891bd0e300ff499b88a0ffd0dc42eeb6f9b648443b8b2babdde22dd21e43d403a5db032bfd43b39d8a6d2ed392bcf84642f7b87ab19331893010e22a5990775399085a92d6b3f31da37326e3cd0dda9e5d51c87c9b12853767269eb14ff7ac0f9d894e21c05a60278cdef51ec37c66e586d120df59d445ce7c68008e8e1e655555bb8ad066d7de48d38eebc40b7644242f33f2eda38a93af0ffb694bdf0a4f5593f768e34ffaf272e61871982d361115dee1b10ca838b1e97259a4fb4444f03df21459a634c6755de03023591b24f75dc4bde173c602ddeb297a2abf5eaf7f01');
CREATE INDEX delivery_hook on delivery (hook_id);
CREATE INDEX delivery_event on delivery (event);
CREATE INDEX delivery_unusual on delivery (unusual) where unusual is not null;
COMMIT;
