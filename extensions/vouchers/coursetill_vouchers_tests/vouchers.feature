Feature: Vouchers of employers
  What an employer pays for a course comes off its price, once, for the employee alone.

  Scenario: From the voucher to the receipt
    Given staff wrote down voucher "V-2041" of "Acme" for "Ada Lovelace", "STATS-1" and $19.33
    When ada enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
    Then ada's voucher "V-2041" pays for "Data Analysis"
    When ada buys "STATS-1"
    Then ada paid $20.00
    And ada's receipt says that $19.33 were taken off
    And ada's voucher "V-2041" is used
    When ada buys "POVERTY-1"
    Then ada paid $100.00

  Scenario: One that pays for all of it
    Given staff wrote down voucher "V-2042" of "Acme" for "Ada Lovelace", "STATS-1" and $500.00
    When ada enters voucher "V-2042" of "Acme" for "STATS-1" and $500.00
    And ada buys "STATS-1"
    Then ada paid $0.00

  Scenario: An address is known before its owner has ever signed in
    Given staff wrote down voucher "V-2041" of "Acme" for "ada-lovelace@example.org", "STATS-1" and $19.33
    When ada signs in for the first time
    And ada buys "STATS-1"
    Then ada paid $20.00

  Scenario: Nobody makes money out of nothing
    When bob enters voucher "V-1" of "Acme" for "STATS-1" and $30.00
    Then bob's voucher "V-1" is being checked
    When bob buys "STATS-1"
    Then bob paid $39.33

  Scenario: Staff vouch for what a learner entered
    Given ada entered voucher "V-7" of "Acme" for "STATS-1" and $19.33
    When staff verify voucher "V-7", because "Acme confirmed it"
    And ada buys "STATS-1"
    Then ada paid $20.00

  Scenario: Staff turn down what a learner entered
    Given ada entered voucher "V-7" of "Acme" for "STATS-1" and $19.33
    When staff cancel voucher "V-7", because "Acme does not know it"
    Then ada's voucher "V-7" is not accepted

  Scenario: Staff say which course run is meant
    Given ada entered voucher "V-8" of "Acme" for "Data Analysis" and $19.33
    When staff verify voucher "V-8", because "Acme confirmed it"
    And staff match voucher "V-8" with "STATS-2"
    Then ada's voucher "V-8" pays for "Data Analysis"

  Scenario: Somebody else's voucher is as good as none
    Given staff wrote down voucher "V-2041" of "Acme" for "Ada Lovelace", "STATS-1" and $19.33
    When bob enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
    Then bob's voucher "V-2041" is being checked
    When ada enters voucher "V-2041" of "Acme" for "STATS-1" and $19.33
    Then ada's voucher "V-2041" pays for "Data Analysis"

  Scenario: A whole file of vouchers, all or none
    When staff import these vouchers
      | number | employer | employee     | email           | course  | amount |
      | V-1    | Acme     | Ada Lovelace | ada@example.org | STATS-1 | 19.33  |
      | V-2    | Acme     | Bob Kahn     |                 | STATS-1 | twenty |
    Then staff are told "line 3, amount"
    And there are no vouchers
    When staff import these vouchers
      | number | employer | employee     | email           | course  | amount |
      | V-1    | Acme     | Ada Lovelace | ada@example.org | STATS-1 | 19.33  |
      | V-2    | Acme     | Bob Kahn     |                 | STATS-1 | 20.00  |
    Then there are 2 vouchers, 1 of them issued
