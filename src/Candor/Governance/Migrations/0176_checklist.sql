-- What the checklist answered on each day. Answers and counts alone; nobody is in it.
CREATE TABLE checklist_day (
    day BIGINT NOT NULL,
    question TEXT NOT NULL,
    area TEXT NOT NULL,
    answer TEXT NOT NULL,
    figures TEXT NOT NULL,
    PRIMARY KEY (day, question)
){clustered};
