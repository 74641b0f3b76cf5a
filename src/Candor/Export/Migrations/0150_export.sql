-- What has been learnt about people through published noisy counts, in thousandths of epsilon. It never comes back.
CREATE TABLE noise_budget (
    purpose TEXT NOT NULL,
    year BIGINT NOT NULL,
    spent BIGINT NOT NULL,
    PRIMARY KEY (purpose, year)
);
